/**
 * A request's sampling as the addon's chain, every value explicit: its own defaults are greedy.
 *
 * @packageDocumentation
 */
import type { Sampling } from '../wire/frames.ts'
import type { SamplerConfig } from './llama-internals.ts'

/** llama.cpp takes this seed as “choose one yourself” (LLAMA_DEFAULT_SEED). */
const RANDOM_SEED = 0xffff_ffff

/**
 * Temperature 0 takes the likeliest token. What a request leaves out is no link in the chain. A bias
 * of -100 bans its token, as OpenAI says.
 * Presence and frequency count every token of the answer, new lines too.
 *
 * @param answerTokens - The longest the answer can get: the window of the penalties.
 */
export function samplerConfig(sampling: Sampling, answerTokens: number): SamplerConfig {
  return {
    temperature: sampling.temperature,
    topP: sampling.topP,
    ...(sampling.topK > 0 ? { topK: sampling.topK } : {}),
    ...(sampling.minP > 0 ? { minP: sampling.minP } : {}),
    ...biasLink(sampling.biases),
    seed: sampling.seed === RANDOM_SEED ? RANDOM_SEED - 1 : sampling.seed,
    repeatPenaltyTokens: new Uint32Array(),
    repeatPenalty: 1,
    repeatPenaltyMaxTokens: Math.max(answerTokens, 1),
    repeatPenaltyPresencePenalty: sampling.presencePenalty,
    repeatPenaltyFrequencyPenalty: sampling.frequencyPenalty,
  }
}

function biasLink(biases: Sampling['biases']) {
  if (biases.length === 0) return {}
  return {
    tokenBiasKeys: Uint32Array.from(biases, ([id]) => id),
    tokenBiasValues: Float32Array.from(biases, ([, bias]) => (bias <= -100 ? -Infinity : bias)),
  }
}

/** The likeliest token each time, for the self-test. */
export const GREEDY: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 0,
  biases: [],
}

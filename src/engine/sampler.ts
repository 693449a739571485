/**
 * The sampler of one answer: a request's settings, and the grammar it obeys.
 *
 * What it gives: a grammar that can begin in the middle of an answer, with nothing else of the
 * sampler's state changed; native samplers that are used again, because each holds 12 bytes for every
 * token of the vocabulary until the collector finds it. What it does not give: the text of grammars
 * (`answer/`).
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../errors.ts'
import type {
  AddonGrammars,
  AddonModel,
  AddonSampler,
  AddonSamplerClass,
  SamplerConfig,
} from './llama-internals.ts'

export interface GrammarRules {
  /** GBNF. */
  readonly text: string
  /** The rule that the next token begins. */
  readonly root: string
}

interface Parts {
  readonly model: AddonModel
  readonly grammars: AddonGrammars
}

export class Sampler {
  readonly addon: AddonSampler
  readonly #parts: Parts
  readonly #config: SamplerConfig
  readonly #giveBack: (addon: AddonSampler) => void

  constructor(
    addon: AddonSampler,
    parts: Parts,
    config: SamplerConfig,
    giveBack: (addon: AddonSampler) => void,
  ) {
    this.addon = addon
    this.#parts = parts
    this.#config = config
    this.#giveBack = giveBack
    addon.applyConfig(config)
  }

  /**
   * From the next token on.
   *
   * @param said - The tokens of the answer so far, which the penalties go on counting.
   * @throws Fault `ENGINE_GRAMMAR`
   */
  obey({ text, root }: GrammarRules, said: Uint32Array): void {
    const { model, grammars } = this.#parts
    try {
      const options = { addonExports: grammars, rootRuleName: root }
      const grammar = new grammars.AddonGrammar(text, options)
      const grammarEvaluationState = new grammars.AddonGrammarEvaluationState(model, grammar)
      // The addon changes only what differs, so the row of random numbers goes on.
      const config = { ...this.#config, repeatPenaltyTokens: said }
      this.addon.applyConfig({ ...config, grammarEvaluationState })
    } catch (cause) {
      // The parser's words may quote the grammar, which holds a stranger's schema.
      const why = reasonOf(cause) === 'Failed to parse grammar' ? 'does not parse' : 'is refused'
      throw new Fault('ENGINE_GRAMMAR', `a grammar of ${text.length} characters ${why}`, { cause })
    }
  }

  dispose(): void {
    this.#giveBack(this.addon)
  }
}

/** Native samplers of answers that ended, ready for the next. */
export class SamplerPool {
  readonly #parts: Parts
  readonly #samplerClass: AddonSamplerClass
  readonly #idle: AddonSampler[] = []

  constructor(samplerClass: AddonSamplerClass, parts: Parts) {
    this.#samplerClass = samplerClass
    this.#parts = parts
  }

  /** To be disposed, once, by whoever took it. */
  take(config: SamplerConfig): Sampler {
    const addon = this.#idle.pop() ?? new this.#samplerClass(this.#parts.model)
    // The addon begins a row of random numbers anew only when its seed changes.
    addon.applyConfig({ ...config, seed: config.seed ^ 1 })
    return new Sampler(addon, this.#parts, config, (used) => {
      this.#idle.push(used)
    })
  }
}

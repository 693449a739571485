/**
 * The start-up check that our batches compute what node-llama-cpp's public interface computes.
 *
 * The batch calls are internal to the package. If another version gave them another meaning, answers
 * would be wrong without an error; so a few tokens are compared at every start.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { BatchContext } from './batch-context.ts'
import type { LoadedModel } from './llama.ts'
import { GREEDY, samplerConfig } from './sampling.ts'

const PROBE = 'The quick brown fox jumps over'
const TOKENS = 3
const SLOT = 0

async function decodeGreedy(
  model: LoadedModel,
  context: BatchContext,
  prompt: Uint32Array,
): Promise<number[]> {
  const sampler = model.createSampler(samplerConfig(GREEDY, TOKENS))
  const ids: number[] = []
  let next = prompt
  try {
    while (ids.length < TOKENS) {
      const position = context.filled(SLOT)
      const part = { slot: SLOT, position, ids: next, logits: 'last' } as const
      const [logits] = await context.decode([part])
      const id = await context.sample(logits?.[0] ?? -1, sampler)
      if (model.vocabulary.endsAnswer(id)) break
      ids.push(id)
      next = Uint32Array.of(id)
    }
  } finally {
    sampler.dispose()
  }
  context.truncate(SLOT, 0)
  return ids
}

/**
 * Uses slot 0, which must be empty and is empty again afterwards; its bytes are overwritten before
 * its first job, like those of every slot that changes hands.
 *
 * @throws Fault `ENGINE_SELF_TEST`
 */
export async function testBatches(model: LoadedModel, context: BatchContext): Promise<void> {
  const text = model.vocabulary.tokenize(PROBE, 'plain')
  const prompt = text.length > 0 ? text : Uint32Array.of(model.vocabulary.bos ?? 0)
  const expected = await context.decodePublicly(prompt, TOKENS)
  const found = await decodeGreedy(model, context, prompt)
  if (found.join() !== expected.join()) {
    throw new Fault('ENGINE_SELF_TEST', 'our batches give other tokens than node-llama-cpp itself')
  }
}

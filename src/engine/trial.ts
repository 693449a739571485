/**
 * The trial load of an import: the model loads, answers one token of one prompt, and that is all.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { DecodeLoop } from './decode-loop.ts'
import type { LoadedEngine } from './load.ts'
import { plainChat } from './prompt/conversation.ts'
import { GREEDY } from './sampling.ts'

/** A trial needs one slot and a short context. */
export const TRIAL_SLOTS = 1
export const TRIAL_CONTEXT_TOKENS = 1024

/** @throws Fault `ENGINE_TEMPLATE` or `ENGINE_MODEL_INVALID` */
export async function decodeOneToken(engine: LoadedEngine): Promise<void> {
  const { model, context, renderer, constant } = engine
  const prompt = renderer.render(plainChat([{ role: 'user', content: 'Hello' }]))
  if (prompt.length >= context.contextTokens) {
    throw new Fault('ENGINE_TEMPLATE', `the template alone has ${prompt.length} tokens`)
  }
  const loop = new DecodeLoop(model, context, {
    prefillSliceMs: 150,
    maxThreads: model.maxThreads,
    constant,
    readOthersRunnable: () => null,
    onFault: () => undefined,
  })
  const request = { client: 'trial', prompt, maxTokens: 1, sampling: GREEDY, stops: [] }
  await new Promise<void>((resolve, reject) => {
    loop.add(request, {
      started: () => undefined,
      progress: () => undefined,
      text: () => undefined,
      done: () => {
        resolve()
      },
      failed: (fault) => {
        reject(new Fault('ENGINE_MODEL_INVALID', fault.message, { cause: fault }))
      },
      isBehind: () => false,
    })
  })
}

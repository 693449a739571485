/**
 * The trial load of an import: the model loads, answers one token of one prompt or makes one vector,
 * and that is all.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { plainPlan } from './answer/answer-plan.ts'
import { DecodeLoop } from './decode-loop.ts'
import type { LoadedChat, LoadedEngine } from './load.ts'
import { GREEDY } from './sampling.ts'

/** A trial needs one slot and a short context. */
export const TRIAL_SLOTS = 1
export const TRIAL_CONTEXT_TOKENS = 1024

/** One token, or one vector. @throws Fault `ENGINE_TEMPLATE`, `ENGINE_MODEL_INVALID` or `ADAPTER_INVALID` */
export async function tryEngine(engine: LoadedEngine): Promise<void> {
  // The self-test has made vectors already, but before the last filter.
  if (engine.kind === 'chat') await decodeOneToken(engine)
  else
    await engine.context.embed(
      engine.context.framed(engine.model.vocabulary.tokenize('Hello', 'plain')),
    )
}

const SILENT = { topLogprobs: null, echo: 'none' } as const
const JUDGED = { topLogprobs: 0, echo: 'tokens' } as const

async function decodeOneToken(engine: LoadedChat): Promise<void> {
  const { model, adapter, context, prompts, constant } = engine
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const prompt = prompts.idsOf({ kind: 'chat', messages, tools: [], thinking: 'default' })
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
  const request = {
    client: 'trial',
    prompt,
    choices: 1,
    maxTokens: 1,
    sampling: GREEDY,
    plan: plainPlan([]),
    // Every number of an adapter is finite, but products of them may not be.
    ...(adapter === undefined ? SILENT : JUDGED),
    prefix: 'fresh',
    cuts: 'fast',
  } as const
  await new Promise<void>((resolve, reject) => {
    loop.add(request, {
      started: () => undefined,
      progress: () => undefined,
      prompt: (tokens) => {
        if (tokens.some(({ chance }) => Number.isNaN(chance?.logprob))) {
          const why = 'with the adapter the model computes numbers that are none'
          reject(new Fault('ADAPTER_INVALID', why))
        }
      },
      said: () => undefined,
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

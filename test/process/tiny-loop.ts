/**
 * The decode loop over the real llama.cpp with the tiny model, in the test's own process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plainPlan } from '../../src/engine/answer/answer-plan.ts'
import { fillReservedSlot } from '../../src/engine/constant-prefix.ts'
import { DecodeLoop } from '../../src/engine/decode-loop.ts'
import type { JobListener, JobRequest, JobResult } from '../../src/engine/job.ts'
import { loadModel } from '../../src/engine/llama.ts'
import { testBatches } from '../../src/engine/self-test.ts'
import { writeTinyModel } from '../fixtures/tiny-gguf.ts'
import { GREEDY } from './engine-stand-ins.ts'

export const CONTEXT_TOKENS = 4096

export interface Run {
  readonly job: ReturnType<DecodeLoop['add']>
  readonly ended: Promise<JobResult & { readonly text: string }>
  readonly texts: string[]
}

export type Ask = Partial<JobRequest> & { words?: string; stops?: readonly string[] }

export type TinyLoop = Awaited<ReturnType<typeof startTinyLoop>>

async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-loop-'))
  const path = join(folder, 'tiny.gguf')
  writeTinyModel(path)
  const model = await loadModel(path, { maxThreads: 1, onLog: () => undefined })
  const context = await model.createBatchContext({
    contextTokens: CONTEXT_TOKENS,
    slots: 4,
    batchTokens: 256,
  })
  await testBatches(model, context)
  const constant = model.vocabulary.tokenize('<|im_start|>system\nYou are a test', 'special')
  await fillReservedSlot(context, constant)
  const loop = new DecodeLoop(model, context, {
    prefillSliceMs: 150,
    maxThreads: 1,
    constant,
    readOthersRunnable: () => null,
    onFault: () => undefined,
  })
  return { folder, model, context, constant, loop }
}

export async function startTinyLoop() {
  const { folder, ...parts } = await load()
  const { model, constant, loop } = parts

  /** Greedy, twenty tokens, of Anna's, unless the request says otherwise. */
  function run(request: Ask, listener?: Partial<JobListener>): Run {
    const { words = 'Hello', stops = [], ...fields } = request
    const prompt = Uint32Array.from([
      ...constant,
      ...model.vocabulary.tokenize(`<|im_end|>\n<|im_start|>user\n${words}`, 'special'),
    ])
    const texts: string[] = []
    const { promise, resolve, reject } = Promise.withResolvers<JobResult & { text: string }>()
    const plain = { client: 'anna', prompt, choices: 1, maxTokens: 20, sampling: GREEDY } as const
    const rest = { topLogprobs: null, echo: 'none', prefix: 'reuse', cuts: 'fast' } as const
    const job = loop.add(
      { ...plain, ...rest, plan: plainPlan(stops), ...fields },
      {
        started: () => undefined,
        progress: () => undefined,
        prompt: () => undefined,
        said: (_choice, event) => {
          if (event.is === 'text') texts.push(event.piece.text)
        },
        done: (result) => {
          resolve({ ...result, text: texts.join('') })
        },
        failed: reject,
        isBehind: () => false,
        ...listener,
      },
    )
    return { job, ended: promise, texts }
  }

  const close = () => {
    rmSync(folder, { recursive: true })
  }
  return { ...parts, run, close }
}

/** Orders and frames for tests of what an engine may say. */
import type { JobFrame, JobOrder } from '../../src/gateway/job-book.ts'
import type { BodyOf, TokenChance } from '../../src/wire/frames.ts'
import { chatInput, PLAIN_JOB } from '../process/engine-stand-ins.ts'

export function jobOrder(over: Partial<JobOrder> = {}): JobOrder {
  const plain = { ...PLAIN_JOB, client: 'c-00000001', maxTokens: null }
  return { ...plain, input: chatInput('hello'), ...over }
}

export function toolOrder(calls: Partial<NonNullable<JobOrder['form']['calls']>> = {}): JobOrder {
  const tools = ['look', 'send'].map((name) => {
    return { name, description: null, parameters: '{}', rules: 'x' }
  })
  const messages = [{ role: 'user' as const, content: 'hello' }]
  return jobOrder({
    input: { kind: 'chat', messages, tools, thinking: 'default' },
    form: { rules: null, calls: { mode: 'may', only: null, atOnce: 'several', ...calls } },
  })
}

export function textFrame(over: Partial<BodyOf<'job.text'>> = {}): JobFrame {
  const body = { job: 1, choice: 0, part: 'answer' as const, text: 'word', chars: [4] }
  return { name: 'job.text', body: { ...body, chances: [], ...over } }
}

export function chance(text: string, top: readonly string[] = []): TokenChance {
  const bytes = Buffer.from(text).toString('base64')
  const rivals = top.map((rival): [string, number] => [Buffer.from(rival).toString('base64'), -2])
  return { bytes, logprob: -0.5, top: rivals }
}

export function startedFrame(promptTokens = 5): JobFrame {
  return { name: 'job.started', body: { job: 1, promptTokens, cachedTokens: 0 } }
}

export function callFrame(name: string, choice = 0): JobFrame {
  return { name: 'job.call', body: { job: 1, choice, name } }
}

type End = BodyOf<'job.done'>['choices'][number]

export function doneFrame(ends: readonly Partial<End>[] = [{}], completionTokens = 1): JobFrame {
  const choices = ends.map((end) => ({ finish: 'stop' as const, stop: null, ...end }))
  const counts = { promptTokens: 5, cachedTokens: 0, completionTokens }
  return { name: 'job.done', body: { job: 1, choices, ...counts, prefillMs: 1, decodeMs: 1 } }
}

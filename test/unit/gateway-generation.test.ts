/** What other endpoints ask of a generation: the prompt's own tokens, and ends with their stops. */
import { expect, test } from 'vitest'
import { generate, type AnswerPart } from '../../src/gateway/chat/generation.ts'
import { FakeEngine, FakeKeeper, GUARD, MODEL, type FakeJob } from './gateway-fakes.ts'
import { chance, doneFrame, jobOrder } from './gateway-orders.ts'

async function partsOf(order: ReturnType<typeof jobOrder>, script: (job: FakeJob) => void) {
  const engine = new FakeEngine()
  engine.script = script
  const parts: AnswerPart[] = []
  const generation = generate({
    engine,
    keeper: new FakeKeeper(),
    guard: GUARD.answer([]),
    subject: { requestId: `req_${'0'.repeat(32)}`, clientId: 'c-1', model: MODEL },
    order,
    found: { findings: [], score: 0 },
    signal: new AbortController().signal,
    onJob: () => undefined,
  })
  for await (const part of generation) parts.push(part)
  return parts
}

const echo = (...texts: string[]) => ({
  name: 'job.prompt' as const,
  body: { job: 1, chances: texts.map((text) => chance(text)) },
})

test('the prompt comes back through the redactor, before the answer', async () => {
  const order = jobOrder({ echo: 'tokens', topLogprobs: 0 })
  const parts = await partsOf(order, (job) => {
    job.started()
    job.frames.push(echo('my', ' sec', 'ret'))
    job.frames.push(echo(' é'))
    job.part({ text: ' ok', chances: [chance(' ok')] }).done()
  })
  const prompt = parts.filter((part) => part.kind === 'prompt')
  expect(prompt.map(({ text }) => text).join('')).toBe('my ****** é')
  const told = prompt.flatMap(({ tokens }) => tokens ?? [])
  expect(told.map(({ bytes, logprob }) => [bytes.toString(), logprob])).toEqual([
    ['my', -0.5],
    [' ******', -9999],
    [' é', -0.5],
  ])
  const kinds = parts.map(({ kind }) => kind)
  expect(kinds.lastIndexOf('prompt')).toBeLessThan(kinds.indexOf('text'))
})

test('the prompt alone', async () => {
  const order = jobOrder({ echo: 'tokens', maxTokens: 0 })
  const parts = await partsOf(order, (job) => {
    job.started()
    job.frames.push(echo('only this'))
    job.done('length')
  })
  expect(parts.map(({ kind }) => kind)).toContain('prompt')
  expect(parts.at(-2)).toMatchObject({ kind: 'finish', finish: 'length' })
})

test('which stop text it was', async () => {
  const parts = await partsOf(jobOrder({ stop: ['a', 'b'] }), (job) => {
    job.started().text('x')
    job.frames.push(doneFrame([{ stop: 1 }]))
  })
  expect(parts.at(-2)).toEqual({ kind: 'finish', choice: 0, finish: 'stop', stop: 1 })
})

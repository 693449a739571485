/** A policy that ends the answer: whatever part it is found in, the choice says content_filter. */
import { describe, expect, test } from 'vitest'
import { ChoiceFilter, type ChoicePart } from '../../src/gateway/chat/choice-filter.ts'
import { generate, type AnswerPart } from '../../src/gateway/chat/generation.ts'
import { FakeEngine, FakeKeeper, MODEL, type FakeJob } from './gateway-fakes.ts'
import { realGuard } from './gateway-guards.ts'
import { chance, jobOrder } from './gateway-orders.ts'

const guard = realGuard({
  profile: 'stopping',
  profiles: { stopping: { output: { email: 'stop' } } },
}).answer([])
const ADDRESS = 'ada@example.org'
const SHAPES = {
  answer: 'text',
  arguments: new Map([['send', { strict: null }]]),
} as const

const filterOf = (tokens: 'told' | 'untold' = 'untold') =>
  new ChoiceFilter(0, { guard, shapes: SHAPES, tokens })

type Part = 'answer' | 'thought' | 'arguments'
function take(filter: ChoiceFilter, part: Part, text: string): ChoicePart[] {
  const chars = Array.from(text, () => 1)
  const chances = part === 'answer' ? Array.from(text, (char) => chance(char)) : []
  return filter.take({ part, text, chars, chances })
}

const said = (parts: readonly ChoicePart[]) =>
  parts.map((part) => ('text' in part ? part.text : '')).join('')
const finishes = (parts: readonly ChoicePart[]) =>
  parts.flatMap((part) => (part.kind === 'finish' ? [part.finish] : []))

function ended(filter: ChoiceFilter, parts: readonly ChoicePart[]): void {
  const all = [...parts, ...take(filter, 'answer', 'more'), ...filter.call('send')]
  all.push(...filter.end({ finish: 'stop', stop: null }))
  expect(said(all)).not.toMatch(/ada|example|more/)
  expect(finishes(all)).toEqual(['content_filter'])
  expect(all.at(-1)?.kind).toBe('finish')
  expect(filter.isOver).toBe(true)
}

describe.each(['answer', 'thought'] as const)('in the %s', (part) => {
  test('while it comes', () => {
    const filter = filterOf()
    const parts = take(filter, part, `write to ${ADDRESS} now`)
    expect(said(parts)).toBe('write to ')
    ended(filter, parts)
  })

  test('when another part begins', () => {
    const filter = filterOf()
    const before = take(filter, part, `write to ${ADDRESS}`)
    ended(filter, [...before, ...take(filter, part === 'answer' ? 'thought' : 'answer', 'more')])
  })

  test('when a call begins', () => {
    const filter = filterOf()
    const before = take(filter, part, `write to ${ADDRESS}`)
    const parts = [...before, ...filter.call('send')]
    expect(parts.some(({ kind }) => kind === 'call')).toBe(false)
    ended(filter, parts)
  })

  test('at the end', () => {
    const filter = filterOf()
    const before = take(filter, part, `write to ${ADDRESS}`)
    ended(filter, [...before, ...filter.end({ finish: 'stop', stop: null })])
  })
})

test('in the arguments of a call', () => {
  const filter = filterOf()
  const parts = [...filter.call('send'), ...take(filter, 'arguments', `{"to":"${ADDRESS}"}`)]
  ended(filter, parts)
})

test('in arguments that end when the next call begins', () => {
  const filter = filterOf()
  const parts = [...filter.call('send'), ...take(filter, 'arguments', '{"to":"x"}')]
  expect(finishes(parts)).toEqual([])
  parts.push(...filter.call('send'), ...take(filter, 'arguments', `{"to":["${ADDRESS}"]}`))
  ended(filter, parts)
})

test('no token of what was not sent is told, at any cut', () => {
  const text = `write to ${ADDRESS} now`
  for (let cut = 1; cut < text.length; cut++) {
    const filter = filterOf('told')
    const parts = [
      ...take(filter, 'answer', text.slice(0, cut)),
      ...take(filter, 'answer', text.slice(cut)),
      ...filter.end({ finish: 'stop', stop: null }),
    ]
    const tokens = parts.flatMap((part) => ('tokens' in part ? (part.tokens ?? []) : []))
    expect(tokens.map(({ bytes }) => bytes.toString()).join('')).toBe('write to ')
    expect(said(parts)).toBe('write to ')
  }
})

test('in an echoed prompt: no answer goes on from it', async () => {
  const engine = new FakeEngine()
  engine.script = (job: FakeJob) => {
    job.started()
    const chances = Array.from(`to ${ADDRESS} `, (char) => chance(char))
    job.frames.push({ name: 'job.prompt', body: { job: 1, chances } })
    job.part({ text: 'more', chances: [chance('more')] }).done()
  }
  const parts: AnswerPart[] = []
  const generation = generate({
    engine,
    keeper: new FakeKeeper(),
    guard,
    subject: { requestId: `req_${'0'.repeat(32)}`, clientId: 'c-1', model: MODEL },
    order: jobOrder({ echo: 'tokens', topLogprobs: 0 }),
    found: { findings: [], score: 0 },
    signal: new AbortController().signal,
    onJob: () => undefined,
  })
  for await (const part of generation) parts.push(part)
  expect(JSON.stringify(parts)).not.toMatch(/ada|more/)
  expect(parts.map(({ kind }) => kind)).toEqual(['started', 'prompt', 'finish', 'end'])
  expect(parts.at(-1)).toMatchObject({
    annotation: { findings: [{ code: 'output.email', count: 1 }] },
  })
})

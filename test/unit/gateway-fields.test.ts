/**
 * Each field of each table does what its row says: the value of an honoured one shows in what the
 * engine is asked or in what comes back, an ignored one changes nothing that can be seen, a refused
 * one is a 400 that names it, or asks for nothing. docs/api.md names this file row by row; the last
 * test holds its rows against the tests that are here.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test, type RunnerTask } from 'vitest'
import { createEngines } from '../../src/gateway/engines.ts'
import type { FieldTable } from '../../src/gateway/body-fields.ts'
import { BODIES } from '../../src/gateway/openapi/bodies.ts'
import { fieldRows } from './api-page.ts'
import { ask, LEAST_BODIES, mistakeOf } from './gateway-endpoints.ts'
import type { Example, Seen } from './gateway-field-example.ts'
import { EXAMPLES } from './gateway-field-examples.ts'
import { FakeEngine, FakeKeeper, READY, testApp, VECTORS_READY } from './gateway-fakes.ts'

const TABLES = Object.entries(BODIES).map(([route, { fields }]) => {
  const table: FieldTable = fields
  const rows = Object.entries(table)
  const examples: Readonly<Record<string, Example>> = EXAMPLES[route as keyof typeof EXAMPLES]
  return { url: route.replace('POST ', ''), rows, examples }
})

let app: FastifyInstance | undefined
afterEach(async () => {
  await app?.close()
})

function engineNamed(model: string): FakeEngine {
  const engine = new FakeEngine({
    ...READY,
    model,
    abilities: { thinking: 'optional', infill: true },
  })
  engine.script = (job) => {
    job.started()
    for (let choice = 0; choice < job.order.choices; choice++) {
      job.part({ choice, text: job.order.form.rules === null ? 'Paris.' : '{}' })
    }
    // No chances are told: the filters are not what is tested here.
    job.done(...Array.from({ length: job.order.choices }, () => 'stop' as const))
  }
  return engine
}

/** Of two models of each kind, and a keeper: what one request does. */
async function seen(url: string, over: object): Promise<Seen> {
  const engines = [
    ...['tiny', 'other'].map(engineNamed),
    ...['tiny-bert', 'other-bert'].map((model) => new FakeEngine({ ...VECTORS_READY, model })),
  ]
  const keeper = new FakeKeeper()
  await app?.close()
  const started = await testApp(
    { maxBodyBytes: 65_536 },
    { engines: createEngines(engines), keeper },
  )
  app = started.app
  const reply = await ask(app, url, over)
  const [asked] = engines.filter(
    ({ jobs, vectorJobs, questions }) => jobs.length + vectorJobs.length + questions.length > 0,
  )
  return {
    status: reply.statusCode,
    asked: asked?.model,
    order: asked?.jobs[0]?.order,
    question: asked?.questions[0]?.body,
    vectors: asked?.vectorJobs[0]?.order,
    answer: isStream(reply.body) ? undefined : reply.json<unknown>(),
    body: reply.body,
    record: JSON.stringify([keeper.appended, keeper.recorded]),
  }
}

const isStream = (body: string) => /^(event|data): /.test(body)

/** Without what differs from request to request: ids, times, and the seed of who names none. */
function settled(all: Seen): Seen {
  const text = JSON.stringify(all)
    .replaceAll(/(req|chatcmpl|cmpl|resp|msg)[_-][0-9a-f]{16,}/g, '$1')
    .replaceAll(/(seed|created|created_at|completed_at|\w+Ms)(\\*":)[\d.]+/g, '$1$20')
  return JSON.parse(text) as Seen
}

async function showsHonoured(url: string, name: string, example: Example): Promise<void> {
  const { shows } = example
  expect(shows, 'an example says what its value shows').toBeDefined()
  const got = await seen(url, { ...example.with, [name]: example.value })
  expect(got, JSON.stringify(got.answer)).toMatchObject({ status: 200, ...shows })
  const without = await seen(url, { ...example.with })
  expect(without.status).toBe(200)
  expect(without, 'the same without the value').not.toMatchObject(shows!)
}

async function showsIgnored(url: string, name: string, example: Example): Promise<void> {
  const got = await seen(url, { ...example.with, [name]: example.value })
  expect(got.status, JSON.stringify(got.answer)).toBe(200)
  expect(settled(got)).toEqual(settled(await seen(url, { ...example.with })))
  const wrong = await seen(url, { [name]: 1.5 })
  expect(wrong.asked).toBeUndefined()
  expect([wrong.status, mistakeOf(url, wrong.answer).param]).toEqual([400, name])
}

async function showsRefused(url: string, name: string, example: Example): Promise<void> {
  const got = await seen(url, { ...example.with, [name]: example.value })
  const { code, param } = mistakeOf(url, got.answer)
  expect([got.status, code, param]).toEqual([400, 'unsupported_parameter', name])
  expect(got.asked).toBeUndefined()
  const without = settled(await seen(url, { ...example.with }))
  for (const value of [null, ...(example.nothing ?? [])]) {
    expect(settled(await seen(url, { ...example.with, [name]: value }))).toEqual(without)
  }
}

const SHOWS = { honoured: showsHonoured, ignored: showsIgnored, refused: showsRefused }

describe.each(TABLES)('$url', ({ url, rows, examples }) => {
  for (const [name, { use }] of rows) {
    test(`the field ${name} is ${use}`, async () => {
      await SHOWS[use](url, name, examples[name]!)
    })
  }

  test('a field that nobody knows', async () => {
    const { answer } = await seen(url, { frobnicate: 1 })
    expect(mistakeOf(url, answer)).toMatchObject({ code: 'unknown_parameter', param: 'frobnicate' })
  })

  test.each(Object.keys(LEAST_BODIES[url]!))('without %s', async (name) => {
    const { answer } = await seen(url, { [name]: undefined })
    const code = 'missing_required_parameter'
    expect(mistakeOf(url, answer)).toMatchObject({ code, param: name })
  })
})

test('there are as many as in the protocols', () => {
  const counts = TABLES.map(({ url, rows }) => [url.replace('/v1/', ''), rows.length])
  expect(Object.fromEntries(counts)).toEqual({
    // OpenAI's, and four of ours.
    'chat/completions': 37 + 4,
    completions: 18,
    // Of the protocol, and two of the SDK.
    responses: 31 + 2,
    messages: 22,
    'messages/count_tokens': 22,
    embeddings: 5,
    tokenize: 2,
    detokenize: 2,
  })
})

test('every row of docs/api.md names this file, and has its test here', ({ task }) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const file = basename(import.meta.filename)
  const told = fieldRows(page).map(({ path, field, use, test: named }) => [
    named,
    `${path} > the field ${field} is ${use}`,
  ])
  const titled = namesOf(task.file.tasks).filter((name) => name.includes(' > the field '))
  expect(told.sort()).toEqual(titled.map((title) => [file, title]).sort())
})

/** Of tests that are neither skipped nor to be done. */
function namesOf(tasks: readonly RunnerTask[], above = ''): string[] {
  return tasks.flatMap((task) => {
    if (task.type === 'suite') return namesOf(task.tasks, `${above}${task.name} > `)
    return task.mode === 'skip' || task.mode === 'todo' ? [] : [`${above}${task.name}`]
  })
}

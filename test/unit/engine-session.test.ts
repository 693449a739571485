/** One session of the engine over a real socket: its loop and its template are the test's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import type { DecodeLoop } from '../../src/engine/decode-loop.ts'
import { PLAIN_FORMATS } from '../../src/engine/answer/answer-plan.ts'
import { Job, type JobListener, type JobRequest } from '../../src/engine/job.ts'
import { Session } from '../../src/engine/session.ts'
import { Connection } from '../../src/wire/connection.ts'
import type { BodyOf, FrameFrom } from '../../src/wire/frames.ts'
import { chatInput, PLAIN_JOB } from '../process/engine-stand-ins.ts'
import { READY } from '../process/gateway-stand-ins.ts'

type EngineFrame = FrameFrom<'engine', 'gateway'>

let folder: string
let server: Server
let gateway: Connection<'gateway', 'engine'>
let frames: EngineFrame[]
/** What the session's connection ended with; nothing before. */
let ends: { fault: Fault | undefined }[]
let rendered: string[]
let jobs: Job[]
let render: (text: string) => Uint32Array
let isEnding: boolean

const loop: Pick<DecodeLoop, 'add' | 'cancel'> = {
  add: (request: JobRequest, listener: JobListener) => {
    const job = new Job(request, listener, READY.contextTokens)
    jobs.push(job)
    return job
  },
  cancel: (job: Job) => {
    job.finish(0)
  },
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-session-'))
  frames = []
  rendered = []
  jobs = []
  const own: typeof ends = []
  ends = own
  render = () => Uint32Array.of(1)
  isEnding = false
  const path = join(folder, 'e.sock')
  server = createServer((socket) => {
    new Session(socket, {
      ready: READY,
      // The session calls nothing else of it.
      loop: loop as DecodeLoop,
      prompts: {
        idsOf: (input) => {
          const text = input.kind === 'chat' ? input.messages[0]!.content : ''
          rendered.push(text)
          return render(text)
        },
        textOf: () => '',
        formatsOf: () => PLAIN_FORMATS,
      },
      vocabulary: { has: () => true, size: 9, bytesOf: () => new Uint8Array(), textOf: () => '' },
      isEnding: () => isEnding,
      onClose: (fault) => own.push({ fault }),
    })
  }).listen(path)
  await new Promise((resolve) => server.once('listening', resolve))
  gateway = new Connection(
    connect(path),
    { own: 'gateway', other: 'engine' },
    { onFrame: (frame) => frames.push(frame), onClose: () => undefined },
  )
  await expect.poll(() => frames.map(({ name }) => name)).toEqual(['engine.ready'])
  frames = []
})
afterEach(async () => {
  gateway.end()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

const start = (job: number, client: string, text = `${client} ${job}`) =>
  gateway.send('job.start', {
    ...PLAIN_JOB,
    ...{ job, client, maxTokens: null, input: chatInput(text) },
  })
const failedOf = () => frames.flatMap(({ name, body }) => (name === 'job.failed' ? [body] : []))

test('prompts are rendered for the client with the fewest jobs first', async () => {
  for (let job = 1; job <= 4; job++) start(job, 'anna')
  start(5, 'bert')
  start(6, 'anna')
  start(7, 'bert')
  await expect.poll(() => rendered.length).toBe(7)
  // All seven came in one piece of the stream, so the first turn chose among them.
  expect(rendered).toEqual(['anna 1', 'bert 5', 'anna 2', 'bert 7', 'anna 3', 'anna 4', 'anna 6'])
  expect(jobs.map(({ request }) => request.client).slice(0, 2)).toEqual(['anna', 'bert'])
})

test('both numbers of a prompt that is too long are numbers of the frame', async () => {
  render = () => new Uint32Array(5000).fill(1)
  start(1, 'anna')
  start(2, 'anna', 'x'.repeat(80_001))
  await expect.poll(() => failedOf().length).toBe(2)
  const byJob = (job: number) => failedOf().find((body) => body.job === job)
  const code = 'ENGINE_CONTEXT_LENGTH'
  expect(byJob(1)).toMatchObject({ code, promptTokens: 5000, contextTokens: 4096 })
  expect(byJob(1)).not.toHaveProperty('uncounted')
  const need = { promptTokens: 5001, contextTokens: 4096, uncounted: true }
  expect(byJob(2)).toMatchObject({ code, ...need })
  expect(rendered).toEqual(['anna 1'])
})

test('a process that is about to end takes no new job', async () => {
  isEnding = true
  start(1, 'anna')
  await expect.poll(() => failedOf()).toMatchObject([{ job: 1, code: 'ENGINE_UNAVAILABLE' }])
  expect(rendered).toEqual([])
})

test('a template that fails with a long and ugly message does not break the frame', async () => {
  render = () => {
    throw new Fault('ENGINE_TEMPLATE', '\u0001'.repeat(5000))
  }
  start(1, 'anna')
  await expect.poll(() => failedOf().length).toBe(1)
  expect(failedOf()[0]).toEqual({
    job: 1,
    code: 'ENGINE_TEMPLATE',
    message: '\u0001'.repeat(300),
  } satisfies BodyOf<'job.failed'>)
  expect(ends).toEqual([])
})

test('a cancelled job that was not rendered yet is done without a start, and never rendered', async () => {
  start(1, 'anna')
  start(2, 'anna')
  gateway.send('job.cancel', { job: 2 })
  // Unknown any more, and no fault.
  gateway.send('job.cancel', { job: 2 })
  await expect.poll(() => frames.length).toBe(1)
  expect(frames[0]).toMatchObject({
    name: 'job.done',
    body: {
      job: 2,
      choices: [{ finish: 'cancelled', stop: null }],
      promptTokens: 0,
      completionTokens: 0,
    },
  })
  await expect.poll(() => rendered).toEqual(['anna 1'])
  expect(ends).toEqual([])
})

test.each<[string, () => void]>([
  ['a job number a second time', () => start(7, 'anna')],
  ['a job number that does not grow', () => start(6, 'anna')],
  ['a cancel of a job that was never started', () => gateway.send('job.cancel', { job: 8 })],
])('%s closes the connection', async (_what, say) => {
  start(7, 'anna')
  say()
  await expect.poll(() => ends[0]?.fault).toMatchObject({ code: 'WIRE_BROKEN' })
})

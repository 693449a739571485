/**
 * T5: an engine that belongs to the author of a model. It sends 10,000 hostile frames while clients
 * ask for answers; the gateway lives, no client sees a byte that is not its own redacted answer, and
 * every request ends.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { EngineLink } from '../../src/gateway/engine-link.ts'
import { createEngines } from '../../src/gateway/engines.ts'
import { JobBook, type JobFrame } from '../../src/gateway/job-book.ts'
import { FrameReader } from '../../src/wire/codec.ts'
import {
  HOSTILE_CANARY,
  hostileFrame,
  MODEL,
  READY,
  seededRandom,
  StandInEngine,
} from '../process/gateway-stand-ins.ts'
import { answerGuard, chatBody, GUARD, maskingRedactor, post, testApp } from './gateway-fakes.ts'
import { jobOrder } from './gateway-orders.ts'

const ORDER = jobOrder({ maxTokens: 4 })
const FRAMES = 10_000
const SEED = 20_261_123

/** Each frame alone: none hides behind another that has closed the connection. */
test('10,000 hostile frames, one by one', () => {
  const random = seededRandom(SEED)
  const verdicts = { refused: 0, passed: 0, incomplete: 0 }
  for (let i = 0; i < FRAMES; i++) {
    const book = new JobBook(() => undefined)
    const other = book.open(ORDER, READY.contextTokens)
    const mine = book.open(ORDER, READY.contextTokens)
    if (random() < 0.5) {
      const counts = { promptTokens: 1, cachedTokens: 0 }
      book.accept({ name: 'job.started', body: { job: mine.id, ...counts } })
    }
    const before = mine.frames.length
    try {
      const frames = new FrameReader('engine', 'gateway').push(hostileFrame(random, mine.id))
      for (const frame of frames) {
        if (frame.name === 'engine.ready' || !frame.name.startsWith('job.')) {
          throw new Fault('WIRE_BROKEN', 'the link refuses it')
        }
        book.accept(frame as JobFrame)
      }
      verdicts[frames.length === 0 ? 'incomplete' : 'passed']++
      expect(mine.frames.length - before).toBeLessThanOrEqual(frames.length)
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'WIRE_BROKEN' })
      verdicts.refused++
    }
    // It can spoil the job it names, and no other.
    expect(other.frames.length).toBe(0)
  }
  expect(verdicts.refused).toBeGreaterThan(FRAMES / 2)
  expect(verdicts.passed).toBeGreaterThan(FRAMES / 20)
})

/** The redactor of this test masks the canary, as it would any secret. */
const guard = {
  ...GUARD,
  answer: () => answerGuard(() => maskingRedactor(HOSTILE_CANARY, '[masked]')),
}

test('10,000 hostile frames to a gateway with clients', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-hostile-'))
  const engine = new StandInEngine(join(folder, 'e.sock'))
  const random = seededRandom(SEED)
  let sent = 0
  let refusals = 0
  engine.onStart = (peer, start) => {
    // An honest beginning half of the time, so that hostile frames come in every phase of a job.
    if (random() < 0.5) {
      const counts = { promptTokens: 1, cachedTokens: 0 }
      peer.connection.send('job.started', { job: start.job, ...counts })
    }
    for (let i = 0; i < 4 && !peer.socket.destroyed; i++) {
      peer.socket.write(hostileFrame(random, start.job))
      sent++
    }
  }
  const link = new EngineLink({
    path: join(folder, 'e.sock'),
    model: MODEL,
    timing: { firstMs: 0, maxMs: 1, goodLifeMs: 60_000 },
    onLost: ({ refused }) => {
      if (refused !== undefined) refusals++
    },
  })
  link.open()
  const { app, keeper } = await testApp(
    { requestsPerMinute: 1e6, maxJobs: 8 },
    { engines: createEngines([link]), guard },
  )

  const statuses = new Map<number, number>()
  let ended = 0
  const client = async (stream: boolean) => {
    while (sent < FRAMES) {
      const reply = await app.inject(post(chatBody({ stream })))
      ended++
      statuses.set(reply.statusCode, (statuses.get(reply.statusCode) ?? 0) + 1)
      const seen = reply.body + JSON.stringify(reply.headers)
      expect(seen).not.toContain(HOSTILE_CANARY)
      if (reply.statusCode === 503) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await Promise.all([true, false, true, false, true, true, false, true].map(client))

  expect(sent).toBeGreaterThanOrEqual(FRAMES)
  expect(refusals).toBeGreaterThan(100)
  // Every request ended, in a way that the table of docs/api.md knows.
  expect([...statuses.keys()].filter((status) => ![200, 400, 500, 503].includes(status))).toEqual(
    [],
  )
  expect(ended).toBeGreaterThan(FRAMES / 5)
  // Nothing of it is in the record, and each accepted request is completed there.
  expect(JSON.stringify([keeper.appended, keeper.recorded])).not.toContain(HOSTILE_CANARY)
  expect(keeper.recorded).toHaveLength(keeper.appended.length)

  // And an engine that behaves again is served again.
  engine.onStart = (peer, { job }) => {
    peer.answer(job, ['fine'])
  }
  await expect.poll(() => link.ready).toEqual(READY)
  const reply = await app.inject(post(chatBody()))
  expect([reply.statusCode, reply.body.includes('fine')]).toEqual([200, true])

  link.close()
  await app.close()
  await engine.close()
  rmSync(folder, { recursive: true })
})

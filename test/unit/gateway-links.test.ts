import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { EngineLink, type JobOrder } from '../../src/gateway/engine-link.ts'
import { Cancelled } from '../../src/gateway/job-book.ts'
import { KeeperLink } from '../../src/gateway/keeper-link.ts'
import { nextDelayMs } from '../../src/gateway/redial.ts'
import { encodeFrame } from '../../src/wire/codec.ts'
import {
  doneBody,
  MODEL,
  READY,
  StandInEngine,
  StandInKeeper,
} from '../process/gateway-stand-ins.ts'

const FAST = { firstMs: 1, maxMs: 5, goodLifeMs: 60_000 }
const ORDER: JobOrder = {
  client: 'c-00000001',
  messages: [{ role: 'user', content: 'hello' }],
  maxTokens: 4,
  sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 1 },
  stop: [],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-links-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('the wait grows after short lives, and starts again after a long one', () => {
  const timing = { firstMs: 100, maxMs: 2000, goodLifeMs: 5000 }
  const waits = [0, 0, 0, 0, 0, 0, 0].reduce<number[]>(
    (all, useful) => [...all, nextDelayMs(all.at(-1) ?? 0, useful, timing)],
    [],
  )
  expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
  expect(nextDelayMs(2000, 5000, timing)).toBe(100)
})

describe('the engine link', () => {
  let engine: StandInEngine
  let link: EngineLink
  let losses: { jobs: number; refused: Fault | undefined }[]

  beforeEach(async () => {
    const path = join(folder, 'e.sock')
    engine = new StandInEngine(path)
    losses = []
    link = new EngineLink({
      path,
      model: MODEL,
      timing: FAST,
      cancelGraceMs: 50,
      onLost: (loss) => losses.push(loss),
    })
    link.open()
    await expect.poll(() => link.ready).toEqual(READY)
  })
  afterEach(async () => {
    link.close()
    await engine.close()
  })

  test('a job is answered, and settled', async () => {
    const job = link.start(ORDER)
    const names = []
    for (let i = 0; i < 5; i++) names.push((await job.next()).name)
    expect(names).toEqual(['job.started', 'job.text', 'job.text', 'job.text', 'job.done'])
    await job.settled
    expect(engine.starts).toEqual([{ job: 1, ...ORDER }])
  })

  test('a lost engine fails its jobs after the text that came, and is dialled again', async () => {
    engine.onStart = (peer, { job }) => {
      peer.connection.send('job.started', { job, promptTokens: 1, cachedTokens: 0 })
    }
    const job = link.start(ORDER)
    expect((await job.next()).name).toBe('job.started')
    engine.die()
    await expect(job.next()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    await job.settled
    expect(losses).toEqual([{ jobs: 1, refused: undefined }])
    await expect.poll(() => link.ready).toEqual(READY)
    expect(engine.connections).toBe(2)
  })

  test('while it is away, a start is refused', async () => {
    engine.onConnect = () => undefined
    engine.die()
    await expect.poll(() => link.ready).toBeUndefined()
    expect(() => link.start(ORDER)).toThrow(expect.objectContaining({ code: 'ENGINE_UNAVAILABLE' }))
  })

  test('frames of a cancelled job are dropped until it ends', async () => {
    engine.onStart = (peer, { job }) => {
      peer.connection.send('job.started', { job, promptTokens: 1, cachedTokens: 0 })
    }
    const job = link.start(ORDER)
    await job.next()
    job.cancel('hung-up')
    await expect(job.next()).rejects.toBeInstanceOf(Cancelled)
    await job.settled
    expect(engine.cancels).toEqual([1])
    // Once more does nothing.
    job.cancel('hung-up')
    engine.onStart = (peer, start) => {
      peer.answer(start.job, ['x'])
    }
    expect((await link.start(ORDER).next()).name).toBe('job.started')
    expect(engine.cancels).toEqual([1])
    expect(losses).toEqual([])
  })

  test('an engine that never ends a cancelled job is given up', async () => {
    engine.onConnect = (peer) => {
      peer.connection.send('engine.ready', READY)
      // It reads nothing any more.
      peer.socket.pause()
    }
    engine.die()
    await expect.poll(() => engine.connections).toBe(2)
    await expect.poll(() => link.ready).toEqual(READY)
    const job = link.start(ORDER)
    job.cancel('hung-up')
    await job.settled
    expect(losses.at(-1)?.refused?.message).toContain('not ended')
  })

  const started = (job: number) =>
    encodeFrame('job.started', { job, promptTokens: 1, cachedTokens: 0 })
  const textFrame = (job: number, text = 'x', tokens = 1) =>
    encodeFrame('job.text', { job, text, chars: Array.from({ length: tokens }, () => 1) })

  test.each<[string, (job: number) => Buffer]>([
    ['a job it does not have', (job) => textFrame(job + 1)],
    ['text before started', (job) => textFrame(job)],
    [
      'progress first',
      (job) => encodeFrame('job.progress', { job, doneTokens: 1, promptTokens: 2 }),
    ],
    ['done first', (job) => encodeFrame('job.done', doneBody(job, 1))],
    ['started twice', (job) => Buffer.concat([started(job), started(job)])],
    ['ready twice', () => encodeFrame('engine.ready', READY)],
    [
      'text after done',
      (job) =>
        Buffer.concat([started(job), encodeFrame('job.done', doneBody(job, 1)), textFrame(job)]),
    ],
    ['more tokens than asked for', (job) => Buffer.concat([started(job), textFrame(job, 'x', 6)])],
    [
      'more characters than such tokens have',
      (job) => Buffer.concat([started(job), textFrame(job, 'x'.repeat(5 * 256 + 1))]),
    ],
    [
      'a count it cannot have',
      (job) => Buffer.concat([started(job), encodeFrame('job.done', doneBody(job, 5))]),
    ],
    [
      'a prompt larger than the context',
      (job) => encodeFrame('job.started', { job, promptTokens: 4097, cachedTokens: 0 }),
    ],
  ])('%s closes the connection', async (_what, bytes) => {
    engine.onStart = (peer, { job }) => {
      peer.socket.write(bytes(job))
    }
    const job = link.start(ORDER)
    await expect.poll(() => losses.length).toBe(1)
    expect(losses[0]!.refused).toMatchObject({ code: 'WIRE_BROKEN' })
    await job.settled
  })

  test.each([
    ['another model', encodeFrame('engine.ready', { ...READY, model: 'other' })],
    ['a frame before ready', started(1)],
    ['bytes', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('an engine that begins with %s is never ready', async (_what, bytes) => {
    engine.onConnect = (peer) => {
      peer.socket.write(bytes)
    }
    engine.die()
    await expect.poll(() => losses.length).toBeGreaterThan(2)
    expect(losses.at(-1)!.refused).toMatchObject({ code: 'WIRE_BROKEN' })
    expect(link.ready).toBeUndefined()
  })
})

describe('the keeper link', () => {
  let keeper: StandInKeeper
  let link: KeeperLink
  let losses: (Fault | undefined)[]

  beforeEach(async () => {
    const path = join(folder, 'k.sock')
    keeper = new StandInKeeper(path)
    losses = []
    link = new KeeperLink({
      path,
      timing: FAST,
      ackTimeoutMs: 50,
      retryMs: 20,
      onLost: (refused) => losses.push(refused),
    })
    expect(link.state).toBe('away')
    link.open()
    await expect.poll(() => link.state).toBe('ok')
  })
  afterEach(async () => {
    await link.close(0)
    await keeper.close()
  })

  test('an append resolves when it is kept', async () => {
    await link.append({ type: 'request.accepted' })
    expect(keeper.types()).toEqual(['request.accepted'])
  })

  test('a refused append is a fault; the state says so, and mends itself', async () => {
    keeper.mode = 'refuse'
    await expect(link.append({ type: 'request.accepted' })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    })
    expect(link.state).toBe('refusing')
    link.record({ type: 'request.completed' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect([link.state, keeper.types()]).toEqual(['refusing', []])
    keeper.mode = 'keep'
    await expect.poll(() => link.state).toBe('ok')
    await expect.poll(() => keeper.types()).toContain('request.completed')
    expect(keeper.types().filter((type) => type === 'request.completed')).toHaveLength(1)
  })

  test('with nothing to say it says that the record is back', async () => {
    keeper.mode = 'refuse'
    await expect(link.append({ type: 'request.accepted' })).rejects.toThrow()
    keeper.mode = 'keep'
    await expect.poll(() => keeper.types()).toEqual(['audit.resumed'])
  })

  test('a keeper that does not answer in time is a fault, and its late answer no harm', async () => {
    keeper.mode = 'silent'
    await expect(link.append({ type: 'request.accepted' })).rejects.toThrow('in time')
    keeper.sendRaw(encodeFrame('audit.kept', { id: 1, seq: 1 }))
    keeper.mode = 'keep'
    await link.append({ type: 'request.accepted' })
    expect(losses).toEqual([])
  })

  test('a keeper that dies fails the append; what is only recorded is said again', async () => {
    keeper.mode = 'silent'
    const append = link.append({ type: 'request.accepted' })
    link.record({ type: 'request.completed' })
    keeper.die()
    await expect(append).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(link.state).toBe('away')
    await expect(link.append({ type: 'request.accepted' })).rejects.toMatchObject({
      code: 'KEEPER_UNAVAILABLE',
    })
    keeper.mode = 'keep'
    await expect.poll(() => keeper.types()).toEqual(['request.completed'])
  })

  test('the keeper says that its log is ill, and well: the same connection goes on', async () => {
    const health = (auditHealthy: boolean) =>
      encodeFrame('keeper.ready', { store: 'file', auditHealthy, layers: [] })
    keeper.mode = 'refuse'
    keeper.sendRaw(health(false))
    await expect.poll(() => link.state).toBe('refusing')
    link.record({ type: 'request.completed' })
    keeper.mode = 'keep'
    keeper.sendRaw(health(true))
    await expect.poll(() => link.state).toBe('ok')
    await expect.poll(() => keeper.types()).toContain('request.completed')
    expect(losses).toEqual([])
  })

  test('its end waits for what is not answered, up to a bound', async () => {
    link.record({ type: 'gateway.stopped' })
    await link.close(1000)
    expect(keeper.types()).toEqual(['gateway.stopped'])
  })

  test.each([
    ['an answer to nothing', encodeFrame('audit.kept', { id: 77, seq: 1 })],
    ['a frame for another peer', Buffer.from([0, 0, 0, 3, 17, 1, 2])],
  ])('%s closes the connection', async (_what, bytes) => {
    keeper.sendRaw(bytes)
    await expect.poll(() => losses.length).toBe(1)
    expect(losses[0]).toMatchObject({ code: 'WIRE_BROKEN' })
  })
})

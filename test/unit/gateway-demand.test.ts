/** The link to an engine on demand: dialled when somebody asks, over a real socket. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineLink } from '../../src/gateway/engine-link.ts'
import { encodeFrame } from '../../src/wire/codec.ts'
import { MODEL, READY, StandInEngine, type EnginePeer } from '../process/gateway-stand-ins.ts'

let folder: string
let engine: StandInEngine
let link: EngineLink
let news: string[]
const never = new AbortController().signal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demand-'))
  engine = new StandInEngine(join(folder, 'e.sock'))
  news = []
  link = makeLink()
})
afterEach(async () => {
  link.close()
  await engine.close()
  rmSync(folder, { recursive: true })
})

function makeLink(over: Partial<ConstructorParameters<typeof EngineLink>[0]> = {}): EngineLink {
  return new EngineLink({
    ...{ path: join(folder, 'e.sock'), model: MODEL, dial: 'on-demand', loadWaitMs: 300 },
    onUnloaded: () => news.push('unloaded'),
    onLost: ({ jobs, refused }) => news.push(`lost ${jobs} ${refused?.code ?? ''}`),
    ...over,
  })
}

describe('on demand', () => {
  test('opening dials nobody; the first request does, and one dial serves all', async () => {
    link.open()
    await sleep(50)
    expect([engine.connections, link.state]).toEqual([0, 'resting'])
    const arrivals = [link.load('chat', never), link.load('chat', never)]
    expect(link.state).toBe('loading')
    expect(await Promise.all(arrivals)).toMatchObject([{ model: MODEL }, { model: MODEL }])
    expect([engine.connections, link.state]).toEqual([1, 'ready'])
  })

  test('an end without a job is an unload, and nobody dials until somebody asks', async () => {
    await link.load('chat', never)
    engine.die()
    await expect.poll(() => link.state).toBe('resting')
    await sleep(300)
    expect([news, engine.connections]).toEqual([['unloaded'], 1])
    await link.load('chat', never)
    expect(engine.connections).toBe(2)
  })

  test('an end before it was ready: not now, for all who wait', async () => {
    engine.onConnect = ({ socket }) => socket.destroy()
    const arrivals = [link.load('chat', never), link.load('chat', never)]
    for (const arrival of arrivals) {
      await expect(arrival).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    }
    expect(link.state).toBe('resting')
    expect(news).toEqual([])
  })

  test('a load that takes too long, and a client that hangs up, leave the load alone', async () => {
    let peer: EnginePeer | undefined
    engine.onConnect = (connected) => {
      peer = connected
    }
    const gone = new AbortController()
    const hungUp = link.load('chat', gone.signal)
    const late = link.load('chat', never)
    gone.abort(new Error('hung up'))
    await expect(hungUp).rejects.toThrow('hung up')
    await expect(late).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    const next = link.load('chat', never)
    peer?.connection.send('engine.ready', READY)
    expect(await next).toMatchObject({ model: MODEL })
    expect(engine.connections).toBe(1)
  })

  test('a model of another kind: known beforehand or not', async () => {
    const said = makeLink({ kind: 'chat' })
    await expect(said.load('embedding', never)).rejects.toMatchObject({ code: 'MODEL_KIND' })
    expect(engine.connections).toBe(0)
    await expect(link.load('embedding', never)).rejects.toMatchObject({ code: 'MODEL_KIND' })
  })

  test('a model of the start is not waited for', async () => {
    const kept = makeLink({ dial: 'always' })
    await expect(kept.load('chat', never)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    expect(kept.state).toBe('away')
  })
})

describe('vectors of a hostile engine', () => {
  const order = { client: 'c-1', inputs: Array.from({ length: 2 }, () => text()) }
  function text() {
    return { kind: 'text' as const, text: 'x', suffix: null }
  }
  const vector = Buffer.alloc(12, 1).toString('base64')
  const told = (job: number, over: object = {}) =>
    encodeFrame('vectors.told', { job, index: 0, tokens: 3, vector, ...over })
  const done = (job: number, promptTokens = 6) => encodeFrame('vectors.done', { job, promptTokens })

  const failed = (need: object) =>
    encodeFrame('job.failed', { job: 1, code: 'ENGINE_CONTEXT_LENGTH', message: 'x', ...need })

  let peer: EnginePeer
  beforeEach(async () => {
    engine.onConnect = (connected) => {
      peer = connected
      connected.connection.send('engine.ready', { ...READY, kind: 'embedding', dimensions: 3 })
    }
    await link.load('embedding', never)
  })

  test('an honest one is heard', async () => {
    const job = link.startVectors(order)
    peer.socket.write(Buffer.concat([told(1), told(1, { index: 1 }), done(1)]))
    const names = [await job.next(), await job.next(), await job.next()].map(({ name }) => name)
    expect(names).toEqual(['vectors.told', 'vectors.told', 'vectors.done'])
    await job.settled
  })

  test.each([
    ['the second first', () => [told(1, { index: 1 })]],
    ['one twice', () => [told(1), told(1)]],
    ['one too many', () => [told(1), told(1, { index: 1 }), told(1, { index: 2 })]],
    ['a short vector', () => [told(1, { vector: 'AAAA' })]],
    ['no base64', () => [told(1, { vector: '{"secret":"x"}!!' })]],
    ['impossible counts', () => [told(1, { tokens: 5000 })]],
    ['done too early', () => [told(1), done(1, 3)]],
    ['another sum', () => [told(1), told(1, { index: 1 }), done(1, 7)]],
    ['text', () => [encodeFrame('job.started', { job: 1, promptTokens: 1, cachedTokens: 0 })]],
    ['vectors of no job', () => [told(9)]],
    ['a need that fits', () => [failed({ promptTokens: 9, contextTokens: READY.contextTokens })]],
    ['a need of another context', () => [failed({ promptTokens: 9000, contextTokens: 512 })]],
  ])('%s closes the connection', async (_what, frames) => {
    const job = link.startVectors(order)
    peer.socket.write(Buffer.concat(frames()))
    await expect.poll(() => news).toEqual([`lost 1 WIRE_BROKEN`])
    await job.settled
  })

  test('vectors for a job of text close the connection', async () => {
    link.start({
      ...{ client: 'c-1', choices: 1, maxTokens: 4, stop: [], topLogprobs: null, echo: 'none' },
      ...{ prefix: 'reuse', cuts: 'fast', form: { rules: null, calls: null }, input: text() },
      sampling: {
        ...{ temperature: 0, topP: 1, topK: 0, minP: 0, seed: 0, biases: [] },
        ...{ presencePenalty: 0, frequencyPenalty: 0 },
      },
    })
    peer.socket.write(told(1))
    await expect.poll(() => news).toEqual([`lost 1 WIRE_BROKEN`])
  })
})

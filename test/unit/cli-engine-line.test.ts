/** The supervisor's end of an engine's line, with an engine that keeps no order. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineLine } from '../../src/cli/serve/engine-line.ts'
import { Fault } from '../../src/errors.ts'
import { encodeFrame, FrameReader } from '../../src/wire/codec.ts'

let folder: string
let server: Server
let engine: Socket
let news: string[]
let room: () => Promise<void>
let heard: string[]
let line: EngineLine

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'line-'))
  news = []
  heard = []
  room = () => Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<Socket>()
  server = createServer(resolve).listen(join(folder, 's.sock'))
  engine = connect(join(folder, 's.sock'))
  engine.on('error', () => undefined)
  const reader = new FrameReader('cli', 'engine')
  engine.on('data', (bytes) => heard.push(...reader.push(bytes).map(({ name }) => name)))
  line = new EngineLine(await promise, {
    onAsk: (bytes) => {
      news.push(`asks ${bytes}`)
      return room()
    },
    onJobs: (running) => news.push(`runs ${running}`),
    onBroken: ({ code }) => news.push(code),
  })
})
afterEach(() => {
  engine.destroy()
  server.close()
  rmSync(folder, { recursive: true })
})

const ask = (bytes = 7) => encodeFrame('memory.ask', { bytes })
const jobs = (running = 0) => encodeFrame('engine.jobs', { running })

test('memory is asked for, granted, and then work is told', async () => {
  engine.write(ask())
  await expect.poll(() => heard).toEqual(['memory.granted'])
  engine.write(Buffer.concat([jobs(), jobs(3)]))
  await expect.poll(() => news).toEqual(['asks 7', 'runs 0', 'runs 3'])
  line.end()
  await expect.poll(() => heard).toEqual(['memory.granted', 'engine.end'])
})

test('no room is said, and work after it is against the order', async () => {
  room = () => Promise.reject(new Fault('MEMORY_BUDGET', 'full'))
  engine.write(ask())
  await expect.poll(() => heard).toEqual(['memory.refused'])
  engine.write(jobs())
  await expect.poll(() => news).toEqual(['asks 7', 'WIRE_BROKEN'])
})

describe('an engine that keeps no order is cut off', () => {
  test.each([
    ['work before memory', () => jobs()],
    ['asking twice', () => Buffer.concat([ask(), ask()])],
    ['less than nothing', () => Buffer.from('\0\0\0\x0d\x40{"bytes":-1}', 'latin1')],
    ['a frame for the keeper', () => encodeFrame('key.request', { context: 'a'.repeat(64) })],
    ['a frame of the supervisor', () => encodeFrame('memory.granted', {})],
    ['a length beyond all', () => Buffer.from([0xff, 0xff, 0xff, 0xff, 64])],
  ])('%s', async (_what, bytes) => {
    engine.write(bytes())
    await expect.poll(() => news.at(-1)).toBe('WIRE_BROKEN')
    await expect.poll(() => engine.closed || engine.readableEnded).toBe(true)
  })
})

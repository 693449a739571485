/**
 * What a client leaves in the engine's memory: looked at from outside, as root, in /proc/PID/mem.
 *
 * A row of the key/value cache is known by what surrounds it: the constant prefix lies in the
 * reserved slot and, copied, at the start of each slot that was used, at a distance we know.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { startEngine, untilLogged, type EngineProcess } from './engine-process.ts'

const CONTEXT_TOKENS = 1024
const SLOTS = 1
/** The tiny model: one KV head of 32 values of 16 bits. */
const ROW_BYTES = 64

let engine: EngineProcess | undefined
afterEach(async () => {
  await engine?.close()
  engine = undefined
})

/** All memory that the process can write and that exists. */
function readWritable(pid: number): Buffer[] {
  const maps = readFileSync(`/proc/${pid}/smaps`, 'utf8')
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((map) => /^\S+ rw/.test(map) && !/^Rss: +0 kB$/m.test(map))
  const descriptor = openSync(`/proc/${pid}/mem`, 'r')
  try {
    return maps.map((map) => {
      const [start, end] = map
        .split(' ', 1)[0]!
        .split('-')
        .map((hex) => Number.parseInt(hex, 16))
      const bytes = Buffer.alloc(end! - start!)
      for (let at = 0; at < bytes.length;) {
        const count = readSync(descriptor, bytes, at, bytes.length - at, start! + at)
        if (count === 0) break
        at += count
      }
      return bytes
    })
  } finally {
    closeSync(descriptor)
  }
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

/** A mask of attention repeats one or two numbers for as long as a slot; keys and values do not. */
const isVaried = (row: Uint8Array) => new Set(row).size > 16

/** Keys and values of two layers, one behind the other. */
const TENSORS = 4
const TENSOR_BYTES = (SLOTS + 1) * CONTEXT_TOKENS * ROW_BYTES

/**
 * Where slot 0 begins in each tensor of the cache: there the first `prefix` rows are those of the
 * reserved slot, which lies `SLOTS` slices further.
 */
function findSlotStarts(memory: readonly Buffer[], prefix: number): { map: Buffer; at: number }[] {
  const slice = CONTEXT_TOKENS * ROW_BYTES
  const bytes = prefix * ROW_BYTES
  const isStart = (map: Buffer, at: number) =>
    map.readUInt32LE(at) !== 0 &&
    isVaried(map.subarray(at, at + ROW_BYTES)) &&
    map
      .subarray(at, at + bytes)
      .equals(map.subarray(at + SLOTS * slice, at + SLOTS * slice + bytes))
  for (const map of memory) {
    for (let at = 0; at + TENSORS * TENSOR_BYTES <= map.length; at += ROW_BYTES / 2) {
      const starts = Array.from({ length: TENSORS }, (_, n) => at + n * TENSOR_BYTES)
      if (starts.every((start) => isStart(map, start)))
        return starts.map((start) => ({ map, at: start }))
    }
  }
  return []
}

/** All slots, and nothing else: what lies in compute buffers is of the last steps (KNOWN-LIMITS.md). */
function readCache(memory: readonly Buffer[], prefix: number): Buffer[] {
  const starts = findSlotStarts(memory, prefix)
  return starts.map(({ map, at }) => map.subarray(at, at + TENSOR_BYTES))
}

function countOf(memory: readonly Buffer[], row: Uint8Array): number {
  let count = 0
  for (const map of memory) {
    for (let at = map.indexOf(row); at >= 0; at = map.indexOf(row, at + 1)) count++
  }
  return count
}

/** Rows of client A's own words: keys and values of some positions behind the prefix. */
async function runClientA(running: EngineProcess) {
  const gateway = running.connect()
  await gateway.ready
  // Letters that no template and no other prompt here has: in the first layer, the value of a token
  // depends on the token alone.
  const letter = () => String.fromCodePoint(0x430 + Math.floor(Math.random() * 32))
  const secret = Array.from({ length: 200 }, letter).join('')
  const { done } = await gateway.ask({ prompt: secret, client: 'anna', maxTokens: 4 })
  const memory = readWritable(running.pid)
  const prefix = done!.cachedTokens
  const starts = findSlotStarts(memory, prefix)
  const positions = [prefix + 60, prefix + 100, prefix + 300]
  const rows = starts.flatMap(({ map, at }) =>
    positions.map((position) =>
      Buffer.from(map.subarray(at + position * ROW_BYTES, at + (position + 1) * ROW_BYTES)),
    ),
  )
  return { gateway, rows, starts: starts.length, memory, secret }
}

async function start(): Promise<EngineProcess> {
  engine = await startEngine({
    sets: [`engine.contextTokens=${CONTEXT_TOKENS}`, `engine.slots=${SLOTS}`],
  })
  await untilLogged(engine, '"ready"')
  return engine
}

test('a slot that changes hands keeps nothing of its old client', async () => {
  const running = await start()
  const { gateway, rows, starts, memory } = await runClientA(running)
  expect(process.getuid?.(), 'this test reads another process’s memory').toBe(0)
  expect(starts).toBe(TENSORS)
  expect(rows.some(isZero)).toBe(false)
  for (const row of rows) expect(isVaried(row), 'a row of numbers').toBe(true)
  const before = readCache(memory, 20)
  for (const row of rows) expect(countOf(before, row)).toBeGreaterThanOrEqual(1)
  await gateway.ask({ prompt: 'short', client: 'bert', maxTokens: 2 })
  const after = readCache(readWritable(running.pid), 20)
  expect(after).toHaveLength(TENSORS)
  for (const row of rows) expect(countOf(after, row)).toBe(0)
})

test('control: the same client’s next turn leaves the rows behind it where they are', async () => {
  const running = await start()
  const { gateway, rows, secret } = await runClientA(running)
  // It starts with the same words, so it goes on in the slot and nothing is overwritten.
  const next = await gateway.ask({ prompt: secret.slice(0, 10), client: 'anna', maxTokens: 2 })
  expect(next.done?.cachedTokens).toBeGreaterThanOrEqual(32)
  const after = readCache(readWritable(running.pid), 20)
  const left = rows.filter((row) => countOf(after, row) > 0)
  expect(left.length).toBe(rows.length)
})

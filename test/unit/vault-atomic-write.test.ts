/**
 * The fault table of an atomic write: every call of it failing in every way, on a real disk.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FileCalls, readSlots, writeAtomically } from '../../src/vault/folder-file.ts'
import { keyIdOf, serializeSlots, type SlotKind, wrapFileKey } from '../../src/vault/slots.ts'

const wrappingKey = randomBytes(32)
const makeSlot = (kind: SlotKind) =>
  wrapFileKey(randomBytes(32), wrappingKey, {
    kind,
    keyId: keyIdOf(wrappingKey),
    created: '2026-01-02T03:04:05Z',
    context: Buffer.alloc(32),
  })
const [slot, other] = [makeSlot('file'), makeSlot('keychain')]
const [oldBytes, newBytes] = [serializeSlots([slot]), serializeSlots([slot, other])]

let root = ''
let folder = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vault-atomic-'))
  folder = mkdtempSync(join(root, 'model-'))
  writeFileSync(join(folder, 'slots.json'), oldBytes)
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const system: FileCalls = {
  open: openSync,
  write: (descriptor, bytes, from) => writeSync(descriptor, bytes, from),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  unlink: unlinkSync,
}

class Killed extends Error {}
type Way = 'failed' | 'failed but persisted' | 'full' | 'killed before' | 'killed after'

/** Calls of which number `failing` fails; after a kill no call does anything any more. */
function callsThatFail(failing: number, way: Way): { calls: FileCalls; made: () => string[] } {
  const made: string[] = []
  let dead = false
  const wrap = <A extends readonly unknown[], R>(name: string, call: (...values: A) => R) => {
    return (...values: A): R => {
      if (dead) throw new Killed()
      made.push(name)
      if (made.length - 1 !== failing) return call(...values)
      if (way === 'killed before' || way === 'killed after') dead = true
      if (way === 'full' && name === 'write') return partWritten(values) as R
      if (way === 'failed but persisted' || way === 'killed after') call(...values)
      throw dead ? new Killed() : Object.assign(new Error(way), { code: 'EIO' })
    }
  }
  const partWritten = (values: readonly unknown[]): number => {
    const [descriptor, bytes] = values as [number, Uint8Array]
    writeSync(descriptor, bytes.subarray(0, 5))
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  const calls = {
    open: wrap('open', system.open),
    write: wrap('write', system.write),
    sync: wrap('sync', system.sync),
    close: wrap('close', system.close),
    rename: wrap('rename', system.rename),
    unlink: wrap('unlink', system.unlink),
  }
  return { calls, made: () => made }
}

const STEPS = ['open', 'write', 'sync', 'close', 'rename', 'open', 'sync', 'close']
const WAYS: Way[] = ['failed', 'failed but persisted', 'full', 'killed before', 'killed after']
const RENAMED_BY = 4

describe('an atomic write', () => {
  test('makes these calls, in this order', () => {
    const { calls, made } = callsThatFail(-1, 'failed')
    writeAtomically(join(folder, 'slots.json'), newBytes, 0o600, calls)
    expect(made()).toEqual(STEPS)
    expect(readSlots(folder)).toEqual([slot, other])
  })

  const rows = STEPS.flatMap((step, index) => WAYS.map((way) => [index, step, way] as const))
  test.each(rows)('call %d (%s) %s: the file is whole, the caller knows', (index, _step, way) => {
    const path = join(folder, 'slots.json')
    const { calls } = callsThatFail(index, way)
    expect(() => {
      writeAtomically(path, newBytes, 0o600, calls)
    }).toThrow()

    const found = readFileSync(path)
    const renamed = index > RENAMED_BY || (index === RENAMED_BY && /persisted|after/.test(way))
    expect(found.equals(renamed ? newBytes : oldBytes)).toBe(true)
    expect(readSlots(folder).length).toBe(renamed ? 2 : 1)

    const leftOver = readdirSync(folder).filter((name) => name.includes('.tmp-'))
    if (!way.startsWith('killed') && way !== 'failed but persisted') expect(leftOver).toEqual([])
    writeAtomically(path, newBytes, 0o600)
    expect(readSlots(folder)).toHaveLength(2)
  })

  test('a link in the place of the file is replaced, not followed', () => {
    const victim = join(root, 'victim')
    writeFileSync(victim, 'mine')
    const path = join(folder, 'slots.json')
    unlinkSync(path)
    symlinkSync(victim, path)
    writeAtomically(path, newBytes, 0o600)
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    expect(readSlots(folder)).toHaveLength(2)
  })

  test('short writes are gone on with', () => {
    const short = {
      ...system,
      write: (d: number, b: Uint8Array, at: number) => writeSync(d, b, at, 1),
    }
    writeAtomically(join(folder, 'small'), Buffer.from('abc'), 0o600, short)
    expect(readFileSync(join(folder, 'small'), 'utf8')).toBe('abc')
    expect(statSync(join(folder, 'small')).mode & 0o777).toBe(0o600)
  })
})

import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { verifyLog, type LogVerdict } from '../../src/audit/verify.ts'
import { LogFile, type LogOptions } from '../../src/keeper/log-file.ts'
import { MemoryDisk } from '../fixtures/keeper-disk.ts'

interface Line {
  seq: number
  type: string
  actor: string
  codes?: string[]
  counts?: Record<string, number>
  hashes?: Record<string, string>
}

const EVENT = { type: 'request.accepted' }
// The timer is far away unless a test is about it.
const open = (disk: MemoryDisk, options: Partial<LogOptions> = {}) =>
  LogFile.open(disk, { retryMs: 60_000, ...options })

function linesOf(bytes: Buffer): Line[] {
  const lines = bytes.toString().split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line)
}

function verify(bytes: Buffer): Promise<LogVerdict> {
  return verifyLog(
    (async function* () {
      yield bytes
    })(),
  )
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const thrown: unknown = await promise.then(
    () => new Error('it was kept'),
    (reason: unknown) => reason,
  )
  return String((thrown as { code?: string }).code)
}

describe('group commit', () => {
  test('what arrives while an fsync runs shares the next one, in order', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    let release: () => void = () => undefined
    disk.syncGate = new Promise((resolve) => (release = resolve))
    const acknowledged: number[] = []
    const first = log.append(EVENT, 'gateway').then((seq) => acknowledged.push(seq))
    while (!disk.calls.includes('write')) await sleep(1)
    const rest = Array.from({ length: 50 }, () =>
      log.append(EVENT, 'gateway').then((seq) => acknowledged.push(seq)),
    )
    await sleep(5)
    expect(acknowledged).toEqual([])
    release()
    await Promise.all([first, ...rest])
    expect(acknowledged).toEqual(Array.from({ length: 51 }, (_, seq) => seq))
    // One at opening, one for the first event, one for the fifty.
    expect(disk.calls.filter((call) => call === 'sync')).toHaveLength(3)
    expect(disk.durable).toEqual(disk.written)
    expect(await verify(disk.durable)).toMatchObject({ ok: true, records: 51 })
  })

  test('no acknowledgement before fsync returned, even when the write is whole', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    disk.faults.set('sync', 'EIO')
    expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
    expect(log.records).toBe(0)
    await log.stop()
  })

  test('a disk that takes one byte at a time', async () => {
    const disk = new MemoryDisk()
    disk.writeBytes = 1
    const log = await open(disk)
    expect(await log.append(EVENT, 'cli')).toBe(0)
    expect(await verify(disk.durable)).toMatchObject({ ok: true, records: 1 })
  })

  test('one event too long for a line is refused alone', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    const names = Array.from({ length: 4000 }, (_, at) => [`n${at}`, 1e20])
    const counts = Object.fromEntries(names) as Record<string, number>
    const long = refusalOf(log.append({ ...EVENT, counts }, 'gateway'))
    const good = log.append(EVENT, 'gateway')
    expect(await long).toBe('WIRE_BROKEN')
    expect(await good).toBe(0)
    expect(log.healthy).toBe(true)
  })
})

describe('faults', () => {
  test.each([
    { fault: 'write' as const, code: 'EIO' },
    { fault: 'write' as const, code: 'ENOSPC' },
    { fault: 'write' as const, code: 'EFBIG' },
    { fault: 'sync' as const, code: 'EIO' },
    { fault: 'sync' as const, code: 'EDQUOT' },
  ])('$code on $fault: refused, unhealthy, and back without a restart', async ({ fault, code }) => {
    const disk = new MemoryDisk()
    const health: boolean[] = []
    const log = await open(disk)
    log.watchHealth((healthy) => health.push(healthy))
    expect(await log.append(EVENT, 'gateway')).toBe(0)
    disk.faults.set(fault, code)
    const refused = [1, 2, 3].map(() => refusalOf(log.append(EVENT, 'gateway')))
    expect(await Promise.all(refused)).toEqual(Array(3).fill('AUDIT_UNAVAILABLE'))
    expect(log.healthy).toBe(false)
    disk.faults.clear()
    expect(await log.append(EVENT, 'gateway')).toBe(2)
    expect(health).toEqual([true, false, true])
    const resumed = linesOf(disk.durable)[1]
    expect(resumed).toMatchObject({ type: 'audit.resumed', codes: [code], actor: 'keeper' })
    expect(resumed?.counts).toEqual({ refusedEvents: 3 })
    expect(await verify(disk.durable)).toMatchObject({ ok: true, records: 3 })
    await log.stop()
    expect(disk.openFiles).toBe(0)
  })

  test('full in the middle of a line: cut back, also when it stays full for a while', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    await log.append(EVENT, 'gateway')
    const durable = disk.durable.length
    disk.freeBytes = 100
    for (let round = 0; round < 3; round++) {
      expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
      // Part of the line stands there, until the next try cuts it off.
      expect(disk.written.length).toBe(durable + 100)
    }
    disk.freeBytes = Infinity
    expect(await log.append(EVENT, 'gateway')).toBe(2)
    expect(await verify(disk.durable)).toMatchObject({ ok: true, records: 3 })
  })

  test('cutting back fails too: unhealthy, and nothing is written after the torn part', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    await log.append(EVENT, 'gateway')
    disk.freeBytes = 100
    expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
    disk.freeBytes = Infinity
    disk.faults.set('truncate', 'EIO')
    const before = Buffer.from(disk.written)
    expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
    expect(disk.written).toEqual(before)
    disk.faults.clear()
    expect(await log.append(EVENT, 'gateway')).toBe(2)
    expect(linesOf(disk.durable)[1]?.counts).toEqual({ refusedEvents: 2 })
  })

  test('the descriptor of a failed fsync is never used again', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    await log.append(EVENT, 'gateway')
    disk.faults.set('sync', 'EIO')
    await refusalOf(log.append(EVENT, 'gateway'))
    expect(disk.openFiles).toBe(0)
    disk.faults.clear()
    disk.calls.length = 0
    await log.append(EVENT, 'gateway')
    expect(disk.calls).toEqual(['open', 'sync', 'read', 'write', 'sync'])
  })

  test.each([
    { how: 'shortened', change: (bytes: Buffer) => bytes.subarray(0, -1) },
    { how: 'emptied', change: () => Buffer.alloc(0) },
    {
      how: 'changed in its last record',
      change: (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -2), Buffer.from('x\n')]),
    },
  ])('$how while a fault was mended: stays unhealthy', async ({ change }) => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    await log.append(EVENT, 'gateway')
    disk.faults.set('write', 'EIO')
    await refusalOf(log.append(EVENT, 'gateway'))
    disk.faults.clear()
    disk.written = Buffer.from(change(disk.written))
    for (let round = 0; round < 2; round++) {
      expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_CHAIN_BROKEN')
    }
    expect(log.healthy).toBe(false)
    await log.stop()
  })

  test('a timer brings health back without an event', async () => {
    const disk = new MemoryDisk()
    let back: () => void = () => undefined
    const healthy = new Promise<void>((resolve) => (back = resolve))
    const log = await open(disk, { retryMs: 5 })
    log.watchHealth((is) => {
      if (is) back()
    })
    disk.faults.set('write', 'ENOSPC')
    await refusalOf(log.append(EVENT, 'gateway'))
    await sleep(30)
    expect(log.healthy).toBe(false)
    disk.faults.clear()
    await healthy
    expect(linesOf(disk.durable).map(({ type }) => type)).toEqual(['audit.resumed'])
    await log.stop()
  })

  test('notes wait through a fault, in order, before later events', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    disk.faults.set('write', 'ENOSPC')
    log.note({ type: 'keeper.started' }, 'keeper')
    log.note({ type: 'wire.refused' }, 'engine:tiny')
    await log.flush()
    expect(log.healthy).toBe(false)
    disk.faults.clear()
    expect(await log.append(EVENT, 'gateway')).toBe(3)
    expect(linesOf(disk.durable).map(({ type }) => type)).toEqual([
      'audit.resumed',
      'keeper.started',
      'wire.refused',
      'request.accepted',
    ])
  })

  test('thousands of events on a full disk: all refused, few tries, memory given back', async () => {
    const disk = new MemoryDisk()
    const log = await open(disk)
    disk.faults.set('write', 'ENOSPC')
    const refused = Array.from({ length: 9000 }, () => refusalOf(log.append(EVENT, 'gateway')))
    expect(new Set(await Promise.all(refused))).toEqual(new Set(['AUDIT_UNAVAILABLE']))
    expect(disk.calls.filter((call) => call === 'write')).toHaveLength(1)
  })
})

describe('opening', () => {
  async function brokenLog(): Promise<MemoryDisk> {
    const disk = new MemoryDisk()
    const log = await open(disk)
    await Promise.all([1, 2, 3].map(() => log.append(EVENT, 'gateway')))
    await log.stop()
    return disk
  }

  test('every torn tail is cut, recorded with its hash, and no whole record is lost', async () => {
    const whole = (await brokenLog()).written
    const lastLine = whole.subarray(whole.lastIndexOf(10, whole.length - 2) + 1)
    for (let torn = 1; torn < lastLine.length; torn += 7) {
      const disk = new MemoryDisk()
      disk.written = Buffer.concat([whole, lastLine.subarray(0, torn)])
      const log = await open(disk)
      expect(await log.append(EVENT, 'gateway')).toBe(4)
      const recovered = linesOf(disk.durable)[3]
      const hash = createHash('sha256').update(lastLine.subarray(0, torn)).digest('hex')
      expect(recovered).toMatchObject({ type: 'audit.recovered', hashes: { torn: hash } })
      expect(recovered?.counts).toEqual({ tornBytes: torn })
      expect(disk.durable.subarray(0, whole.length)).toEqual(whole)
      expect(await verify(disk.durable)).toMatchObject({ ok: true, records: 5 })
    }
  })

  test('a broken chain is refused with its line, and left as it is', async () => {
    const disk = await brokenLog()
    disk.written = Buffer.from(disk.written.toString().replace('"seq":1', '"seq":7'))
    const before = Buffer.from(disk.written)
    await expect(open(disk)).rejects.toMatchObject({
      code: 'AUDIT_CHAIN_BROKEN',
      message: expect.stringContaining('line 2') as string,
    })
    expect(disk.written).toEqual(before)
  })

  test('a full disk is no reason not to start', async () => {
    const disk = await brokenLog()
    disk.faults.set('open', 'ENOSPC')
    const log = await open(disk)
    expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
    disk.faults.clear()
    expect(await log.append(EVENT, 'gateway')).toBe(4)
  })
})

test('after stop nothing is taken, and what waited is durable', async () => {
  const disk = new MemoryDisk()
  const log = await open(disk)
  const kept = log.append(EVENT, 'gateway')
  log.note({ type: 'keeper.stopped' }, 'keeper')
  await log.stop()
  expect(await kept).toBe(0)
  expect(linesOf(disk.durable).map(({ type }) => type)).toEqual([EVENT.type, 'keeper.stopped'])
  expect(await refusalOf(log.append(EVENT, 'gateway'))).toBe('AUDIT_UNAVAILABLE')
})

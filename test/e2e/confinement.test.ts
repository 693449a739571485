/**
 * The daemon with the real model as root sees it from outside: what is locked, which sockets and
 * threads there are, and that not even root changes the weights.
 *
 * The engine decodes a few tokens of its own while it loads (its self-test, the template's constant
 * prefix), so from outside the earliest moment is before the first request. What holds before the
 * first decode the engine counts itself, in /proc/self/smaps, and it stands in the record.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMappings, reportOf, type MemoryLockedReport } from '../../src/sandbox/memory-map.ts'
import {
  askOnce,
  keyFrom,
  makeHome,
  PARIS_ANSWER,
  PARIS_QUESTION,
  startDaemon,
  textOf,
  type Daemon,
} from './daemon-process.ts'
import { childrenOf, openedBy, ROLES, socketsIn, tcpPorts } from './process-view.ts'
import { threadStatuses, unixSockets, type Role } from './process-view.ts'

const WEIGHT_BYTES = 98_362_432
const PAGE_BYTES = 4096
const isRoot = process.getuid?.() === 0
const why = isRoot ? '' : ' (skipped: only root may look into a non-dumpable process)'

describe.skipIf(!isRoot)(`seen by root${why}`, () => {
  const place = makeHome()
  let daemon: Daemon | undefined
  let key: string

  beforeAll(async () => {
    daemon = await startDaemon(place.home, ['--quickstart'])
    key = keyFrom(daemon.said)
  })
  afterAll(async () => {
    await daemon?.stop()
    place.remove()
  })

  const pidOf = (role: Role) => daemon!.ready.processes[role]
  const answer = async () => textOf(await askOnce({ url: daemon!.ready.url, key }, PARIS_QUESTION))

  function memoryOf(role: Role): MemoryLockedReport {
    return reportOf(parseMappings(readFileSync(`/proc/${pidOf(role)}/smaps`, 'utf8')))
  }

  function expectLocked(role: Role): void {
    const { complete, unlocked, kinds } = memoryOf(role)
    expect(unlocked, role).toEqual([])
    expect(complete).toBe(true)
    expect(kinds.anonymous.pssBytes).toBeGreaterThan(16 * 1024 * 1024)
    expect(kinds.anonymous.lockedBytes).toBe(kinds.anonymous.pssBytes)
    // Only the gateway has a JIT, and so memory that is code and data at once.
    expect(kinds.code.maps > 0).toBe(role === 'gateway')
  }

  test.each(ROLES)('before the first request all memory of the %s is locked', (role) => {
    expectLocked(role)
  })

  test('and the weights, the whole of them', () => {
    const { memfd } = memoryOf('engine').kinds
    // Two maps (ours and llama.cpp's) share the pages, each with its part in Pss and Locked.
    expect(memfd.maps).toBe(2)
    expect(memfd.lockedBytes).toBe(Math.ceil(WEIGHT_BYTES / PAGE_BYTES) * PAGE_BYTES)
    expect(memfd.pssBytes).toBe(memfd.lockedBytes)
    for (const role of ['gateway', 'keeper'] as const) {
      expect(memoryOf(role).kinds.memfd.maps).toBe(0)
    }
  })

  test('and before the first decode, as the engine found it itself: it is in the record', () => {
    const lines = readFileSync(join(place.state, 'audit/audit.jsonl'), 'utf8').trim().split('\n')
    const records = lines.map((line) => JSON.parse(line) as { type: string; counts?: object })
    const loaded = records.filter(({ type }) => type === 'engine.loaded')
    expect(loaded.map(({ counts }) => counts)).toEqual([
      expect.objectContaining({
        weightBytes: WEIGHT_BYTES,
        lockedBytes: WEIGHT_BYTES,
        unlockedBytes: 0,
      }),
    ])
  })

  test('it stays so while answers are made', async () => {
    const answers = await Promise.all([answer(), answer(), answer()])
    expect(answers).toEqual([PARIS_ANSWER, PARIS_ANSWER, PARIS_ANSWER])
    for (const role of ROLES) expectLocked(role)
  })

  test('every thread is filtered, with no new privileges, also while one answers', async () => {
    const story = { ...PARIS_QUESTION, stream: true, max_completion_tokens: 500 }
    const messages = [{ role: 'user', content: 'Write a long story about the sea.' }]
    const response = await askOnce({ url: daemon!.ready.url, key }, { ...story, messages })
    const reader = response.body!.getReader()
    await reader.read()
    for (const role of ROLES) {
      const statuses = threadStatuses(pidOf(role))
      expect(statuses.length).toBeGreaterThan(1)
      for (const status of statuses) {
        expect(status).toMatch(/^Seccomp:\t2$/m)
        // The launcher's, the one that goes with locked memory, and the last one.
        expect(status).toMatch(/^Seccomp_filters:\t3$/m)
        expect(status).toMatch(/^NoNewPrivs:\t1$/m)
        // CAP_IPC_LOCK and nothing else.
        expect(status).toMatch(/^CapEff:\t0{12}4000$/m)
      }
    }
    expect((await reader.read()).done, 'it was still answering').toBe(false)
    await reader.cancel()
  })

  test.each(ROLES)('the %s has no children', (role) => {
    expect(childrenOf(pidOf(role))).toEqual([])
    expect(childrenOf(daemon!.child.pid!)).toContain(pidOf(role))
  })

  /** Of one process: the listeners that `serve` made, and others. Standard streams are left out. */
  function socketsOf(role: Role): { handed: string[]; others: string[] } {
    const handed = socketsIn(openedBy(daemon!.child.pid!))
    const own = [...openedBy(pidOf(role))].filter(([descriptor]) => descriptor > 2)
    const inodes = [...socketsIn(new Map(own))]
    return {
      handed: inodes.filter((inode) => handed.has(inode)),
      others: inodes.filter((inode) => !handed.has(inode)),
    }
  }

  test('the engine has the listener and the line it was given, the gateway, and no other socket', () => {
    const { handed, others } = socketsOf('engine')
    const sockets = unixSockets(pidOf('engine'))
    expect(handed.map((inode) => sockets.get(inode)?.isListening)).toEqual([true])
    const { path } = sockets.get(handed[0]!)!
    expect(path).toContain(`${place.state}/run/`)
    // The line to `serve` is one end of a pair, which has no path.
    const found = others.map((inode) => sockets.get(inode)!)
    expect(found.map(({ isListening }) => isListening)).toEqual([false, false])
    expect(found.map((socket) => socket.path).toSorted()).toEqual(['', path])
  })

  test('the keeper has only the three that it was given, and who came over them', () => {
    const { handed, others } = socketsOf('keeper')
    const sockets = unixSockets(pidOf('keeper'))
    expect(handed.map((inode) => sockets.get(inode)?.isListening)).toEqual([true, true, true])
    const paths = handed.map((inode) => sockets.get(inode)!.path)
    for (const inode of others) expect(paths).toContain(sockets.get(inode)?.path)
  })

  test('the gateway has one TCP port, and two connections inwards', () => {
    const { handed, others } = socketsOf('gateway')
    const port = Number(new URL(daemon!.ready.url).port)
    const ports = tcpPorts(pidOf('gateway'))
    expect(handed.map((inode) => ports.get(inode))).toEqual([port])
    const inwards = others.filter((inode) => !ports.has(inode))
    const sockets = unixSockets(pidOf('gateway'))
    expect(inwards.map((inode) => sockets.get(inode)?.isListening)).toEqual([false, false])
    for (const inode of others) expect(ports.get(inode) ?? port).toBe(port)
  })

  test.each([
    { role: 'engine', known: ['/proc/loadavg'] },
    { role: 'gateway', known: [] },
  ] as const)('the $role has no file open', ({ role, known }) => {
    const pid = pidOf(role)
    const files = [...openedBy(pid).values()].filter((link) => link.startsWith('/'))
    // The launcher pins /proc/PID for its Landlock rule, as a place only (O_PATH).
    const allowed = ['/dev/null', `/proc/${pid}`]
    expect(files.filter((file) => !allowed.includes(file))).toEqual(known)
  })

  test('not even root changes the weights: the file in memory is sealed', () => {
    const folder = `/proc/${pidOf('engine')}/map_files`
    const maps = readdirSync(folder).filter((name) =>
      readlinkSync(`${folder}/${name}`).startsWith('/memfd:model'),
    )
    expect(maps).toHaveLength(2)
    const file = openSync(`${folder}/${maps[0]!}`, 'r+')
    try {
      const magic = Buffer.alloc(4)
      readSync(file, magic, 0, 4, 0)
      expect(magic.toString()).toBe('GGUF')
      expect(() => writeSync(file, magic, 0, 4, 0)).toThrow('EPERM')
      expect(() => {
        ftruncateSync(file, 4)
      }).toThrow('EPERM')
    } finally {
      closeSync(file)
    }
  })
})

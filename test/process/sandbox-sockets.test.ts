/**
 * A confined process on sockets that it was given: accepting, back-pressure, hang-ups, a stop and
 * go, and what an observer sees of it from outside.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FIXTURES, LAUNCH, NODE } from '../fixtures/sandbox-child.ts'

const FLOOD_BYTES = 6_000_000

let folder = ''
let child: ChildProcess | undefined
let keeper: Server
let heard = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-sockets-'))
  heard = ''
  keeper = createServer((socket) => socket.on('data', (bytes) => (heard += bytes.toString())))
  await new Promise<void>((done) => keeper.listen(join(folder, 'keeper.sock'), done))
})

afterEach(() => {
  child?.kill('SIGKILL')
  keeper.close()
  rmSync(folder, { recursive: true })
})

const path = () => join(folder, 'engine.sock')

/** Our own server must never accept, so it is closed once the child has the descriptor. */
async function start(role: string): Promise<ChildProcess> {
  const listener = createServer()
  await new Promise<void>((done) => listener.listen(join(folder, 'made.sock'), done))
  renameSync(join(folder, 'made.sock'), path())
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle
  const started = spawn(
    NODE,
    [
      ...[LAUNCH, join(FIXTURES, 'sandbox-socket-inside.js'), role, '--connect'],
      ...[`keeper=${folder}/keeper.sock`, '--', role, '--state', folder],
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'engine' },
    },
  )
  listener.close()
  let said = ''
  await new Promise<void>((done, fail) => {
    started.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes('ready')) done()
    })
    started.once('exit', () => {
      fail(new Error(said))
    })
  })
  child = started
  return started
}

/** @returns The number of bytes that came, read slowly: a little, then a pause. */
async function readSlowly(bytes: number, command = 'flood'): Promise<number> {
  const socket = connect(path())
  socket.write(`${command} ${bytes}\n`)
  let got = 0
  for await (const chunk of socket) {
    got += (chunk as Buffer).length
    if (got % 5 === 0) await delay(1)
  }
  return got
}

const endOf = (process: ChildProcess) =>
  new Promise<[number | null, string | null]>((done) =>
    process.once('exit', (code, signal) => {
      done([code, signal])
    }),
  )

test.each(['engine', 'gateway', 'keeper'])(
  '%s answers slow readers on an inherited listener after its last filter',
  async (role) => {
    const started = await start(role)
    expect(await Promise.all([readSlowly(FLOOD_BYTES), readSlowly(FLOOD_BYTES)])).toEqual([
      FLOOD_BYTES,
      FLOOD_BYTES,
    ])
    const gone = connect(path())
    gone.write(`flood ${FLOOD_BYTES}\n`)
    await new Promise((done) => gone.once('data', done))
    gone.destroy()
    expect(await readSlowly(1000)).toBe(1000)
    expect(heard).toBe(`hello from uid ${process.getuid?.() ?? -1}\n`)
    connect(path()).write('stop\n')
    expect(await endOf(started)).toEqual([0, null])
  },
)

test('the engine goes on after SIGSTOP and SIGCONT, and ends on SIGTERM by itself', async () => {
  const started = await start('engine')
  const waiting = readSlowly(100_000, 'wait')
  await delay(100)
  started.kill('SIGSTOP')
  await delay(100)
  started.kill('SIGCONT')
  expect(await waiting).toBe(100_000)
  started.kill('SIGTERM')
  expect(await endOf(started)).toEqual([5, null])
})

test('from outside: every thread is filtered, and there is no socket but the given ones', async () => {
  const { pid } = await start('engine')
  const proc = `/proc/${pid}`
  const threads = readdirSync(`${proc}/task`).map((id) =>
    readFileSync(`${proc}/task/${id}/status`, 'utf8'),
  )
  expect(threads.length).toBeGreaterThan(3)
  for (const status of threads) {
    expect(status).toMatch(/^Seccomp:\t2$/m)
    expect(status).toMatch(/^Seccomp_filters:\t2$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(status)?.[1] ?? 'f'}`) & ~(1n << 14n)).toBe(0n)
  }
  if (process.getuid?.() !== 0) {
    // The links of a non-dumpable process are root's to read.
    expect(() => readdirSync(`${proc}/fd`)).toThrow('EACCES')
    return
  }
  const links = readdirSync(`${proc}/fd`)
    .filter((fd) => Number(fd) > 2)
    .map((fd) => readlinkSync(`${proc}/fd/${fd}`))
  expect(links.filter((link) => link.startsWith('socket:'))).toHaveLength(2)
  expect(links.filter((link) => link.includes('io_uring'))).toEqual([])
  // libuv keeps /dev/null for the day when descriptors run out; /proc/PID is the pinned rule.
  const files = links.filter((link) => link.startsWith('/') && link !== '/dev/null')
  expect(files).toEqual([proc])
})

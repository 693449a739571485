/** The supervisor with stand-in processes: real sockets, real signals, no model. */
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProcessRole } from '../../src/cli/serve/child.ts'
import { listenOnPath, listenOnPort } from '../../src/cli/serve/listening-sockets.ts'
import { decideRestart, type Death, type Decision } from '../../src/cli/serve/restart-policy.ts'
import { Supervisor } from '../../src/cli/serve/supervisor.ts'
import type { StandInOptions } from '../fixtures/cli-stand-in.ts'

const STAND_IN = join(import.meta.dirname, '../fixtures/cli-stand-in.ts')
const ROLES: readonly ProcessRole[] = ['keeper', 'engine', 'gateway']

let folder: string
let diary: string
let supervisor: Supervisor
let closers: (() => void)[]
let lines: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-sup-'))
  diary = join(folder, 'diary')
  lines = []
  closers = []
  const handlers = {
    onLine: (name: string, line: string) => lines.push(`${name}: ${line}`),
    onDeath: (name: string, _: Death, decision: Decision) =>
      lines.push(`${name} died ${decision.kind}`),
  }
  // The real policy at twenty times its speed.
  supervisor = new Supervisor(handlers, (death, history) => {
    const decision = decideRestart(death, history)
    return decision.kind === 'stop' ? decision : { ...decision, afterMs: decision.afterMs / 20 }
  })
})
afterEach(async () => {
  await supervisor.stop()
  for (const close of closers) close()
  rmSync(folder, { recursive: true })
})

async function start(role: ProcessRole, options: StandInOptions = {}): Promise<string> {
  const path = join(folder, `${role}.sock`)
  const socket = await listenOnPath(role, path)
  closers.push(socket.close)
  const given = JSON.stringify({ diary, ...options })
  supervisor.start({
    role,
    command: [process.execPath, STAND_IN, role, given],
    listeners: [socket],
    stopMs: 300,
  })
  return path
}

/** What the process behind a socket says: its role and pid. */
function ask(path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(path)
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  socket.once('error', reject)
  socket.once('close', () => {
    resolve(text)
  })
  return promise
}

const readDiary = () => readFileSync(diary, 'utf8').trim().split('\n')

describe('supervisor', () => {
  test('kill -9 of each: it comes back, and a call made meanwhile is answered', async () => {
    const paths = new Map<ProcessRole, string>()
    for (const role of ROLES) paths.set(role, await start(role))
    for (const role of ROLES) {
      const path = paths.get(role)!
      const before = await ask(path)
      const pid = supervisor.pids[role]!
      expect(before).toBe(`${role} ${pid}`)
      process.kill(pid, 'SIGKILL')
      // Nobody accepts now; the kernel keeps the call until the next process does.
      const after = await ask(path)
      expect(after).toMatch(new RegExp(`^${role} \\d+$`))
      expect(after).not.toBe(before)
      expect(supervisor.pids[role]).not.toBe(pid)
    }
    expect(Object.keys(supervisor.pids).sort()).toEqual(['engine', 'gateway', 'keeper'])
  })

  test('a fault that no restart mends stops everything and is what is told', async () => {
    const keeper = await start('keeper')
    await ask(keeper)
    await start('engine', { exit: 78, code: 'VAULT_DAMAGED' })
    expect(await supervisor.ended).toMatchObject({
      code: 'VAULT_DAMAGED',
      message: 'engine: chunk 3',
    })
    expect(supervisor.pids).toEqual({})
    expect(readDiary().filter((line) => line.startsWith('engine started'))).toHaveLength(1)
    expect(readDiary()).toContain('keeper stopped')
  })

  test('a fault that passes is tried five times before the first answer', async () => {
    await start('engine', { exit: 75, code: 'KEEPER_UNAVAILABLE' })
    expect(await supervisor.ended).toMatchObject({ code: 'KEEPER_UNAVAILABLE' })
    expect(readDiary().filter((line) => line.startsWith('engine started'))).toHaveLength(5)
    expect(lines.filter((line) => line === 'engine died restart')).toHaveLength(4)
  })

  test('a program that cannot be started is a death like another', async () => {
    supervisor.start({
      role: 'engine',
      command: [join(folder, 'absent')],
      listeners: [],
      stopMs: 100,
    })
    expect(await supervisor.ended).toMatchObject({ code: 'SERVE_FAILED' })
  })

  test('stopping goes from the network inward, and takes what does not listen by force', async () => {
    for (const role of ROLES) await ask(await start(role, { stubborn: role === 'engine' }))
    const pids = Object.values(supervisor.pids)
    await supervisor.stop()
    expect(await supervisor.ended).toBeUndefined()
    expect(readDiary().filter((line) => line.endsWith('stopped'))).toEqual([
      'gateway stopped',
      'engine stopped',
      'keeper stopped',
    ])
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  test('a second Ctrl-C waits for nobody', async () => {
    await ask(await start('keeper', { stubborn: true }))
    const pid = supervisor.pids.keeper!
    void supervisor.stop()
    supervisor.kill()
    await supervisor.ended
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  test('nothing is started any more while stopping', async () => {
    await ask(await start('keeper'))
    await supervisor.stop()
    await start('engine')
    await delay(100)
    expect(supervisor.pids).toEqual({})
  })

  test('what native code says before it dies is heard', async () => {
    await ask(await start('engine', { say: 'GGML_ASSERT(n > 0) failed' }))
    expect(lines).toContain('engine: GGML_ASSERT(n > 0) failed')
  })
})

describe('listening sockets', () => {
  test('a Unix socket is for its owner only, and goes when it is closed', async () => {
    const path = join(folder, 'a.sock')
    const before = process.umask(0)
    const socket = await listenOnPath('a', path)
    process.umask(before)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    socket.close()
    expect(existsSync(path)).toBe(false)
  })

  test('a socket that a killed daemon left behind is replaced', async () => {
    const path = join(folder, 'stale.sock')
    const server = createServer().listen(path)
    await delay(20)
    // A second name for the socket file stays when the server removes its own.
    const left = join(folder, 'left.sock')
    linkSync(path, left)
    server.close()
    await delay(20)
    expect(existsSync(left)).toBe(true)
    closers.push((await listenOnPath('a', left)).close)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const socket = connect(left, () => {
      resolve(undefined)
    })
    await promise
    socket.destroy()
  })

  test('a socket that somebody answers on is left alone', async () => {
    const path = join(folder, 'busy.sock')
    const server = createServer((socket) => {
      socket.on('error', () => undefined).end('first')
    }).listen(path)
    await delay(20)
    await expect(listenOnPath('a', path)).rejects.toMatchObject({ code: 'LISTEN_REFUSED' })
    expect(await ask(path)).toBe('first')
    server.close()
  })

  test('a file is never replaced by a socket', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'mine')
    await expect(listenOnPath('a', path)).rejects.toThrow('is not a socket')
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test.each([
    { what: 'a path too long', path: (f: string) => join(f, 'x'.repeat(120)) },
    { what: 'a folder that is not there', path: (f: string) => join(f, 'absent/a.sock') },
  ])('$what is a fault', async ({ path }) => {
    await expect(listenOnPath('a', path(folder))).rejects.toMatchObject({ code: 'LISTEN_REFUSED' })
  })

  test('port 0 takes a free one, and a taken one is a fault', async () => {
    const first = await listenOnPort('api', { host: '127.0.0.1', port: 0 })
    closers.push(first.close)
    expect(first.port).toBeGreaterThan(0)
    await expect(
      listenOnPort('api', { host: '127.0.0.1', port: first.port }),
    ).rejects.toMatchObject({ code: 'LISTEN_REFUSED' })
  })

  test('the supervisor itself never accepts: a call waits until a process takes it', async () => {
    const path = join(folder, 'wait.sock')
    const socket = await listenOnPath('keeper', path)
    closers.push(socket.close)
    const answer = ask(path)
    await delay(200)
    supervisor.start({
      role: 'keeper',
      command: [process.execPath, STAND_IN, 'keeper', JSON.stringify({ diary })],
      listeners: [socket],
      stopMs: 300,
    })
    expect(await answer).toMatch(/^keeper \d+$/)
  })
})

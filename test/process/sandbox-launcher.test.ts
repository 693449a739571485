/**
 * The launcher as the supervisor meets it: what it passes on, what it does not, how it refuses.
 */
import { spawn } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { attempt, commandOf, FIXTURES, NODE, run, type Attempt } from '../fixtures/sandbox-child.ts'

const folder = mkdtempSync(join(tmpdir(), 'sandbox-launcher-'))
const state = join(folder, 'state')
mkdirSync(state)
const LAUNCHER = join(FIXTURES, '../../dist/sandbox/launcher.js')

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const ROLES = ['gateway', 'engine', 'keeper'] as const
const EBADF = -9

interface State {
  layer: string
  state: string
  detail: string
}

async function resultOf(options: Omit<Attempt, 'state'>, env?: NodeJS.ProcessEnv) {
  const { result, stderr } = await attempt({ state, ...options }, env === undefined ? {} : { env })
  expect(stderr).toBe('')
  return result as Record<string, unknown>
}

describe.each(ROLES)('%s', (role) => {
  test('has every layer but AppArmor, which a test machine may lack', async () => {
    const { layers } = (await resultOf({ role, attacks: ['layers'] })) as { layers: State[] }
    expect(layers.filter(({ state }) => state !== 'enforced').map(({ layer }) => layer)).toEqual(
      layers
        .filter(({ layer, state }) => layer === 'apparmor' && state === 'absent')
        .map(() => 'apparmor'),
    )
    expect(layers.map(({ layer }) => layer)).toEqual([
      'no-new-privs',
      'capabilities',
      'landlock',
      'seccomp',
      ...(role === 'gateway' ? [] : ['write-xor-execute']),
      'apparmor',
    ])
  })

  test('gets no variable that is not in the table', async () => {
    const poison = {
      LD_LIBRARY_PATH: '/tmp',
      NODE_EXTRA_CA_CERTS: '/tmp/ca',
      GGML_BACKEND_PATH: '/tmp/evil.so',
      HTTP_PROXY: 'http://127.0.0.1:1',
      SECURE_LLM_KEY: 'sk-local-x',
      PATH: '/tmp',
      HOME: '/home/somebody',
      UV_THREADPOOL_SIZE: '64',
      SECURE_LLM_LANDLOCK: 'abi:99',
    }
    const { environment } = await resultOf({ role, attacks: ['environment'] }, poison)
    const always: Record<string, unknown> = {
      OPENSSL_CONF: '/dev/null',
      SECURE_LLM_LANDLOCK: expect.stringMatching(/^abi:\d$/) as string,
    }
    const own = {
      gateway: { HOME: '/nonexistent' },
      engine: { HOME: '/nonexistent', UV_THREADPOOL_SIZE: '1', GGML_NO_BACKTRACE: '1' },
      keeper: { HOME: '/home/somebody' },
    }
    expect(environment).toEqual({ ...always, ...own[role] })
  })

  test('gets no descriptor that its starter left open by accident', async () => {
    const stray = openSync(join(folder, 'stray'), 'w')
    // Numbers that Node itself does not get to.
    const [low, high] = [60, 200]
    const piped = (at: number) => (at === 1 || at === 2 ? 'pipe' : 'ignore')
    const stdio = Array.from({ length: high + 1 }, (_, at) =>
      at === low || at === high ? stray : piped(at),
    )
    const attacks = [`write-descriptor=${low}`, `write-descriptor=${high}`]
    const alone = await attempt({ role, state, attacks, launcher: 'none' }, { stdio })
    expect(alone.result).toMatchObject({ [`write-descriptor=${high}`]: 1 })
    const { result } = await attempt({ role, state, attacks }, { stdio })
    expect(result).toEqual(Object.fromEntries(attacks.map((attack) => [attack, EBADF])))
    closeSync(stray)
  })

  test('refuses to start unconfined, when asked for its layers', async () => {
    const { layers } = await resultOf({ role, attacks: ['layers'], launcher: 'none' })
    expect(layers).toEqual({ thrown: 'SANDBOX_MISSING' })
  })

  test('knows that Landlock was left out', async () => {
    const { layers } = await resultOf({
      role,
      attacks: ['layers'],
      launcher: ['--without', 'landlock'],
    })
    expect((layers as State[]).find(({ layer }) => layer === 'landlock')).toMatchObject({
      state: 'absent',
      detail: expect.stringContaining('--without landlock') as string,
    })
  })
})

test('a lie about Landlock in the environment is seen through', async () => {
  const { result } = await attempt(
    { role: 'keeper', state, attacks: ['layers'], launcher: 'none' },
    { env: { SECURE_LLM_LANDLOCK: 'abi:7' } },
  )
  expect(result).toEqual({ layers: { thrown: 'SANDBOX_MISSING' } })
})

describe('refusals are one line with a code, and 78', () => {
  test.each([
    [['cook', '--', '--state', state], 'a role is one of'],
    [['keeper', '--state', state], 'after "--"'],
    [['keeper', '--'], '--state is missing'],
    [['keeper', '--without', 'seccomp', '--', '--state', state], 'cannot be left out'],
    [['keeper', '--connect', 'nothing', '--', '--state', state], 'expected NAME=PATH'],
    [['keeper', '--made-up', '--', '--state', state], '--made-up'],
  ])('%j', async (args, message) => {
    const { status, stderr, stdout } = await run([NODE, LAUNCHER, ...args])
    const line = JSON.parse(stderr) as Record<string, unknown>
    expect(line).toMatchObject({ level: 60, code: 'SANDBOX_LAUNCH' })
    expect(line.msg).toContain(message)
    expect(line.remedy).not.toBe('')
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' })
  })

  test('broken descriptors', async () => {
    const env = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }
    const { status, stderr } = await run([NODE, LAUNCHER, 'gateway', '--', '--state', state], {
      env,
    })
    expect(stderr).toContain('SANDBOX_DESCRIPTORS')
    expect(status).toBe(78)
  })

  test('a keeper that is not there passes: 75', async () => {
    const connect = ['--connect', `keeper=${folder}/nobody.sock`]
    const { status, stderr } = await run([
      NODE,
      LAUNCHER,
      'engine',
      ...connect,
      '--',
      '--state',
      state,
    ])
    expect(stderr).toContain('KEEPER_UNAVAILABLE')
    expect(status).toBe(75)
  })
})

/** A process that ended may stay a zombie for as long as process 1 is slow. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('with --with-parent it dies with its parent; without, it does not', async () => {
  const survivors = await Promise.all(
    [['--with-parent'], []].map(async (launcher) => {
      const command = commandOf({ role: 'gateway', state, attacks: ['wait'], launcher })
      const script = `
        const child = require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'pipe', 'ignore'] })
        child.stdout.once('data', () => { console.log(child.pid); process.kill(process.pid, 'SIGKILL') })`
      const { stdout } = await run([NODE, '-e', script, ...command])
      return Number(stdout)
    }),
  )
  await delay(300)
  const [withParent = 0, alone = 0] = survivors
  expect([isAlive(withParent), isAlive(alone)]).toEqual([false, true])
  process.kill(alone, 'SIGKILL')
})

/** What it says on stderr within a moment of SIGUSR1. */
async function saidAtSigusr1(launcher: 'none' | undefined): Promise<string> {
  const options = { role: 'gateway', state, attacks: ['wait'], ...(launcher ? { launcher } : {}) }
  const [file = '', ...args] = commandOf(options)
  const env = { NODE_OPTIONS: '--inspect-port=0' }
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  await new Promise((done) => child.stdout.once('data', done))
  child.kill('SIGUSR1')
  await delay(400)
  expect(child.exitCode).toBe(null)
  child.kill('SIGKILL')
  return said
}

test('SIGUSR1 opens an inspector in a Node as it comes, and none in ours', async () => {
  expect(await saidAtSigusr1('none')).toContain('Debugger listening')
  expect(await saidAtSigusr1(undefined)).toBe('')
})

test('the folders that a role owns are made for their owner alone', async () => {
  await resultOf({ role: 'keeper', attacks: ['nothing'] })
  const { mode } = statSync(join(state, 'keys'))
  expect(mode & 0o777).toBe(0o700)
})

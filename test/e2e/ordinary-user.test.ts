/**
 * An ordinary user with the usual 8 MiB of locked memory: the whole first start, from an empty home;
 * and what another program of that user can see of the daemon.
 *
 * As root this becomes a user without a name, who sees the checkout at another place: the checkout
 * itself may lie where only root can go. Its files must be readable to others, as git and npm make
 * them. As an ordinary user it is that user.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import {
  askOnce,
  environment,
  keyFrom,
  PARIS_ANSWER,
  PARIS_QUESTION,
  ROOT,
  startDaemon,
  textOf,
  type Daemon,
} from './daemon-process.ts'
import { ROLES } from './process-view.ts'

const LIMIT_BYTES = 8 * 1024 * 1024
const WEIGHT_BYTES = 98_362_432
const EPERM = 1
const EACCES = 13
const isRoot = process.getuid?.() === 0
const uid = isRoot ? 65_534 : process.getuid!()
const gid = isRoot ? 65_534 : process.getgid!()

/** No capability, no group of ours. */
const AS_USER = isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : []
const MOUNTED = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c']
const BIND = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'

function whyNot(): string | undefined {
  if (!isRoot) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'bind-'))
  const [file, ...args] = [...MOUNTED, BIND, 'sh', folder, folder, 'true']
  const { status } = spawnSync(file, args, { stdio: 'ignore' })
  rmSync(folder, { recursive: true })
  return status === 0 ? undefined : 'no mount namespace here, so no other user for the checkout'
}

const reason = whyNot()

const why = reason === undefined ? '' : ` (skipped: ${reason})`

describe.skipIf(reason !== undefined)(`an ordinary user${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'user-'))
  const home = join(folder, 'home')
  const app = isRoot ? join(folder, 'app') : ROOT
  let daemon: Daemon | undefined
  let other: ChildProcess | undefined

  beforeAll(async () => {
    chmodSync(folder, 0o755)
    for (const path of isRoot ? [home, app] : [home]) mkdirSync(path)
    if (isRoot) chownSync(home, uid, gid)
    const bind = isRoot ? [...MOUNTED, BIND, 'sh', ROOT, app] : []
    const limit = ['prlimit', `--memlock=${LIMIT_BYTES}:${LIMIT_BYTES}`]
    daemon = await startDaemon(home, ['--quickstart'], {
      through: [...bind, ...AS_USER, ...limit],
      root: app,
    })
  })
  afterAll(async () => {
    other?.kill('SIGKILL')
    await daemon?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, 'utf8')

  test('all processes are the user’s, without a capability, under the limit', () => {
    for (const role of ROLES) {
      const pid = daemon!.ready.processes[role]
      expect(statusOf(pid)).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'))
      expect(statusOf(pid)).toMatch(/^CapEff:\t0{16}$/m)
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(
        new RegExp(`^Max locked memory +${LIMIT_BYTES} +${LIMIT_BYTES} `, 'm'),
      )
    }
  })

  test('it answers', async () => {
    const key = keyFrom(daemon!.said)
    const response = await askOnce({ url: daemon!.ready.url, key }, PARIS_QUESTION)
    expect(await textOf(response)).toBe(PARIS_ANSWER)
  })

  const RAISE =
    /the limit is 8388608 bytes, the process has (\d{8,}); raise it: `LimitMEMLOCK=infinity` in the unit, or `\* hard memlock unlimited` in \/etc\/security\/limits\.conf/

  test('it says what is not locked, with both numbers and the line that raises the limit', () => {
    const lines = daemon!.said.err.split('\n').filter((line) => line.startsWith('{'))
    const warnings = lines
      .map((line) => JSON.parse(line) as { level: number; process: string; msg: string })
      .filter(({ level, msg }) => level === 40 && msg.includes('locked in memory'))
    expect(warnings.map((line) => line.process).sort()).toEqual([...ROLES].sort())
    for (const { msg } of warnings) expect(msg).toMatch(RAISE)
    const { msg } = warnings.find((line) => line.process === 'engine')!
    const [, locked, all, unlocked] =
      /^(\d+) of (\d+) bytes of the weights are locked in memory, (\d+) bytes of the engine are not/
        .exec(msg)!
        .map(Number)
    expect(all).toBe(WEIGHT_BYTES)
    expect(locked).toBeGreaterThan(LIMIT_BYTES / 2)
    expect(locked).toBeLessThan(LIMIT_BYTES)
    expect(unlocked).toBeGreaterThan(WEIGHT_BYTES - LIMIT_BYTES)
    // And what it says is locked, is.
    const lockedKib = Number(
      /^VmLck:\s+(\d+) kB$/m.exec(statusOf(daemon!.ready.processes.engine))![1],
    )
    expect(lockedKib * 1024).toBeGreaterThanOrEqual(locked!)
  })

  /** Every way in, and the errno that it got; 0 is in. */
  function look(pids: readonly number[]): Record<string, Record<string, number>> {
    const script = join(folder, 'stranger.py')
    copyFileSync(join(ROOT, 'test/fixtures/stranger.py'), script)
    // By way of env: a python3 that only root may execute is passed over then.
    const [file = '', ...args] = [...AS_USER, 'env', 'python3', script, ...pids.map(String)]
    const said = execFileSync(file, args, { cwd: '/', env: environment(home), encoding: 'utf8' })
    return JSON.parse(said) as Record<string, Record<string, number>>
  }

  test('another program of the user gets into none of ours, and into its others it does', async () => {
    const [file, ...args] = [...AS_USER, 'sh', '-c', 'echo started; exec sleep 600']
    other = spawn(file, args, { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((done) => other!.stdout!.once('data', done))
    // `serve` itself too: it holds file keys and a new client's key for moments.
    const serve = /^PPid:\t(\d+)$/m.exec(statusOf(daemon!.ready.processes.engine))![1]
    const names = [...ROLES, 'serve']
    const pids = [...ROLES.map((role) => daemon!.ready.processes[role]), Number(serve)]
    const found = look([...pids, other.pid!])
    const ways = Object.entries(found[String(other.pid!)]!)
    expect(ways.length).toBeGreaterThan(10)
    // With Yama, attaching to a program that is no child is refused anyway, and shows nothing.
    const byYama = ['mem', 'mem for writing', 'process_vm_readv', 'pidfd_getfd', 'ptrace']
    const controls = ways.filter(([way]) => readYama() === 0 || !byYama.includes(way))
    expect(controls.filter(([, errno]) => errno !== 0)).toEqual([])
    for (const [at, name] of names.entries()) {
      for (const [way, errno] of Object.entries(found[String(pids[at]!)]!)) {
        expect([EPERM, EACCES], `${name}: ${way} gave ${errno}`).toContain(errno)
      }
    }
  })

  test('it stops in order', async () => {
    expect(await daemon!.stop()).toBe(EXIT.ok)
  })
})

function readYama(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'))
  } catch {
    return 0
  }
}

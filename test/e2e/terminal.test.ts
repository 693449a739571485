/**
 * At a terminal, as a user does it: the first start by the machine's own Node, Ctrl-C, and the
 * second start by `npm start` on a machine without a network.
 *
 * `script` gives a terminal; Ctrl-C is its character, and the kernel makes of it a SIGINT to every
 * process in the foreground.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import {
  askOnce,
  environment,
  keyFrom,
  makeHome,
  PARIS_ANSWER,
  PARIS_QUESTION,
  ROOT,
  runCommand,
  textOf,
  untilReady,
  type Ready,
} from './daemon-process.ts'

const CTRL_C = '\u0003'
/** What npm says itself when Ctrl-C reaches it: 128 + SIGINT. */
const NPM_INTERRUPTED = 130
const place = makeHome()
const readyFile = join(place.home, 'ready.json')
/** Not what npm puts in front for its own scripts. */
const PATH = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':')

interface Node {
  readonly path: string
  readonly version: string
}

/** The Node that a user would have without us, and another one than the lockfile's. */
function machinesNode(): Node | undefined {
  for (const folder of PATH.split(':')) {
    const path = join(folder, 'node')
    if (!existsSync(path) || realpathSync(path) === realpathSync(process.execPath)) continue
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    const version = stdout.trim()
    if (status === 0 && Number(/^v(\d+)/.exec(version)?.[1]) >= 20) return { path, version }
  }
  return undefined
}

interface TerminalRun {
  readonly script: ChildProcess
  readonly ready: Ready
  readonly said: { out: string; err: string }
  readonly ended: Promise<number | null>
}

async function runAtTerminal(
  command: string,
  through: readonly string[] = [],
): Promise<TerminalRun> {
  rmSync(readyFile, { force: true })
  const [file, ...args] = [...through, 'script', '-qec', command, '/dev/null']
  const script = spawn(file, args, { cwd: ROOT, env: { ...environment(place.home), PATH } })
  const said = { out: '', err: '' }
  script.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()))
  script.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => script.once('close', resolve))
  return { script, ready: await untilReady(script, readyFile, said), said, ended }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

/** Everybody whose command line names our home folder. */
function processesOfHome(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })
    .filter((command) => command.includes(place.home))
}

async function pressCtrlC(run: TerminalRun, expected: number): Promise<void> {
  run.script.stdin!.write(CTRL_C)
  expect(await run.ended).toBe(expected)
  // npm goes before its child, which takes its time to stop in order.
  const deadline = Date.now() + 20_000
  while (processesOfHome().length > 0 && Date.now() < deadline) await sleep(50)
  expect(processesOfHome()).toEqual([])
  expect(Object.values(run.ready.processes).filter(isAlive)).toEqual([])
  const left = readdirSync(join(place.state, 'run'))
  expect(left.filter((name) => !name.endsWith('.lock'))).toEqual([])
  // The record goes on to the orderly end: nobody was killed.
  const tail = await runCommand(place.home, ['audit', 'tail', '--lines', '2'])
  expect(tail.out).toMatch(/gateway\.stopped[^]*keeper\.stopped/)
}

let key = ''
let run: TerminalRun | undefined
const node = machinesNode() ?? { path: process.execPath, version: process.version }
const isOther = node.path !== process.execPath
const serve = `serve --quickstart --listen 127.0.0.1:0 --ready-file ${readyFile}`

afterAll(() => {
  run?.script.kill('SIGKILL')
  place.remove()
})

describe(`first start by Node ${node.version}${isOther ? '' : ' (the pinned one: no other here)'}`, () => {
  test('brings the model, shows the key, and answers', async () => {
    run = await runAtTerminal(`exec ${node.path} bin/secure-llm.js ${serve}`)
    // The ready file comes after what is shown; the terminal may be behind.
    while (!run.said.out.includes('Ctrl-C stops everything')) await sleep(20)
    key = keyFrom(run.said)
    expect(run.said.out).toContain('curl -N http://127.0.0.1:')
    expect(await textOf(await askOnce({ url: run.ready.url, key }, PARIS_QUESTION))).toBe(
      PARIS_ANSWER,
    )
  })

  test.skipIf(process.getuid?.() !== 0)('what runs is the pinned Node (root may see it)', () => {
    for (const pid of Object.values(run!.ready.processes)) {
      expect(readlinkSync(`/proc/${pid}/exe`)).toBe(realpathSync(process.execPath))
    }
  })

  test('Ctrl-C stops everything: exit 0, no process, no socket, an orderly record', async () => {
    await pressCtrlC(run!, EXIT.ok)
  })
})

/** A network namespace of its own, with nothing but the loopback. */
const LOOPBACK =
  'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x49))'
const OFFLINE = ['unshare', '--net', 'sh', '-c', `python3 -c '${LOOPBACK}' && exec "$@"`, 'sh']

function whyNoNamespace(): string | undefined {
  const [file, ...args] = [...OFFLINE, 'true']
  const { status } = spawnSync(file, args, { stdio: 'ignore' })
  return status === 0 ? undefined : 'no network namespace without root'
}

const reason = whyNoNamespace()
const why = reason === undefined ? '' : ` (skipped: ${reason})`

describe.skipIf(reason !== undefined)(`second start without a network, by npm start${why}`, () => {
  const inside = (script: string, ...args: string[]) => {
    const enter = ['--net', `--target=${run!.ready.processes.gateway}`, process.execPath]
    return execFileSync('nsenter', [...enter, '-e', script, ...args], { encoding: 'utf8' })
  }

  beforeAll(async () => {
    run = await runAtTerminal(
      `npm start -- --listen 127.0.0.1:0 --ready-file ${readyFile}`,
      OFFLINE,
    )
  })

  test('is ready in seconds, and shows no key again', () => {
    expect(run!.ready.startupMs).toBeLessThan(30_000)
    expect(run!.said.out).not.toContain('sk-local-')
  })

  test('there is no network, and it answers', () => {
    const dial = `require('net').connect(53, process.argv[1]).on('error', (e) => console.log(e.code))`
    expect(inside(dial, '192.0.2.1').trim()).toBe('ENETUNREACH')
    const ask = `fetch(process.argv[1] + '/v1/chat/completions', { method: 'POST',
      headers: { authorization: 'Bearer ' + process.argv[2], 'content-type': 'application/json' },
      body: process.argv[3] }).then((r) => r.text()).then(console.log)`
    const said = inside(ask, run!.ready.url, key, JSON.stringify(PARIS_QUESTION))
    expect(said).toContain(PARIS_ANSWER)
  })

  test('Ctrl-C stops everything, and npm says that it was interrupted', async () => {
    await pressCtrlC(run!, NPM_INTERRUPTED)
  })
})

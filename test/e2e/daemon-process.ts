/**
 * The daemon as a user starts it, in a state folder of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '../..')
const START_MS = 240_000

export interface Ready {
  readonly url: string
  readonly processes: { readonly gateway: number; readonly engine: number; readonly keeper: number }
  readonly startupMs: number
}

export interface Daemon {
  readonly child: ChildProcess
  readonly ready: Ready
  /** Everything it wrote to stdout, and to stderr. */
  readonly said: { out: string; err: string }
  readonly stop: () => Promise<number | null>
}

export function makeHome(): { home: string; state: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'e2e-'))
  return {
    home,
    state: join(home, '.local/state/secure-llm'),
    remove: () => {
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function environment(home: string): NodeJS.ProcessEnv {
  const { PATH, PIP_INDEX_URL, PIP_CONFIG_FILE, SSL_CERT_FILE } = process.env
  const given = { PATH, PIP_INDEX_URL, PIP_CONFIG_FILE, SSL_CERT_FILE }
  const network = Object.entries(process.env).filter(([name]) =>
    /^(PIP_.*|.*_proxy|.*_CA_BUNDLE)$/i.test(name),
  )
  return { ...given, ...Object.fromEntries(network), HOME: home }
}

export async function startDaemon(home: string, args: readonly string[]): Promise<Daemon> {
  const readyFile = join(home, `ready-${Date.now()}.json`)
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'bin/secure-llm.js'),
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--ready-file',
      readyFile,
      ...args,
    ],
    { env: environment(home), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const said = { out: '', err: '' }
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const deadline = Date.now() + START_MS
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the daemon did not start: ${said.err.slice(-2000)}`)
    }
    await sleep(50)
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return { child, ready, said, stop }
}

/** Runs one command of ours to its end. */
export async function runCommand(
  home: string,
  args: readonly string[],
  input?: Buffer,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/secure-llm.js'), ...args], {
    env: environment(home),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

/**
 * The daemon as a user starts it, in a state folder of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const ROOT = join(import.meta.dirname, '../..')
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

/** What a user has; of the caller's own variables only those that find the network. */
export function environment(home: string): NodeJS.ProcessEnv {
  const { PATH, PIP_INDEX_URL, PIP_CONFIG_FILE, SSL_CERT_FILE } = process.env
  const given = { PATH, PIP_INDEX_URL, PIP_CONFIG_FILE, SSL_CERT_FILE }
  const network = Object.entries(process.env).filter(([name]) =>
    /^(PIP_.*|.*_proxy|.*_CA_BUNDLE)$/i.test(name),
  )
  return { ...given, ...Object.fromEntries(network), HOME: home }
}

export interface StartOptions {
  /** Over the environment that a user has. */
  readonly env?: NodeJS.ProcessEnv
  /** A command that runs ours in the end, by exec where its pid counts: `setpriv … COMMAND`. */
  readonly through?: readonly string[]
  /** Where our code is seen; the checkout when not given. */
  readonly root?: string
}

/** Program and arguments of one of our commands. */
function commandOf(args: readonly string[], options: StartOptions): [string, ...string[]] {
  const { through = [], root } = options
  const node = root === undefined ? process.execPath : join(root, 'node_modules/.bin/node')
  const command = [...through, node, join(root ?? ROOT, 'bin/secure-llm.js'), ...args]
  return [command[0] ?? node, ...command.slice(1)]
}

export async function startDaemon(
  home: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Daemon> {
  const readyFile = join(home, `ready-${Date.now()}.json`)
  const serve = ['serve', '--listen', '127.0.0.1:0', '--ready-file', readyFile, ...args]
  const [file, ...rest] = commandOf(serve, options)
  const child = spawn(file, rest, {
    cwd: home,
    env: { ...environment(home), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const ready = await untilReady(child, readyFile, said)
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return { child, ready, said, stop }
}

/** Until the ready file is there; throws with what was said when the process ended instead. */
export async function untilReady(
  child: ChildProcess,
  readyFile: string,
  said: { readonly out: string; readonly err: string },
): Promise<Ready> {
  const deadline = Date.now() + START_MS
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the daemon did not start: ${(said.out + said.err).slice(-2000)}`)
    }
    await sleep(50)
  }
  return JSON.parse(readFileSync(readyFile, 'utf8')) as Ready
}

/** One question over HTTP, on a connection of its own. */
export function askOnce(
  { url, key }: { readonly url: string; readonly key: string },
  body: object,
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      connection: 'close',
    },
    body: JSON.stringify(body),
  })
}

export function keyFrom({ out, err }: { readonly out: string; readonly err: string }): string {
  const key = /sk-local-[A-Za-z0-9_-]{43}/.exec(out + err)?.[0]
  if (key === undefined) throw new Error('no API key was shown')
  return key
}

export const MODEL = 'smollm2-135m-instruct'

/** The question whose answer is known: The capital of France is Paris. */
export const PARIS_QUESTION = {
  model: MODEL,
  temperature: 0,
  max_completion_tokens: 32,
  messages: [{ role: 'user', content: 'Complete the sentence: The capital of France is' }],
}
export const PARIS_ANSWER = 'The capital of France is Paris.'

interface Reply {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
}

export async function textOf(response: Response): Promise<string> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  const { choices } = (await response.json()) as Reply
  return choices[0]!.message.content
}

/** Runs one command of ours to its end. */
export async function runCommand(
  home: string,
  args: readonly string[],
  input?: Buffer,
  options: StartOptions = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const [file, ...rest] = commandOf(args, options)
  const child = spawn(file, rest, { cwd: home, env: { ...environment(home), ...options.env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

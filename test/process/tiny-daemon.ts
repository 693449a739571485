/** The whole daemon with the tiny model in a home of its own, as `daemon-life.test.ts` starts it. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { makeHome, runCommand, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import type { LogRecord } from '../fixtures/keeper-process.ts'
import { tinyModelBytes, TINY_TEMPLATE } from '../fixtures/tiny-gguf.ts'

const BIN = join(import.meta.dirname, '../../bin/secure-llm.js')
const START_MS = 30_000

export const MODEL = 'tiny'
const SERVE = ['--set', 'engine.contextTokens=1024', '--set', 'engine.slots=2']

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A home with the model sealed and one client. */
export interface TinyHome {
  readonly home: string
  readonly state: string
  readonly key: string
  readonly command: (args: readonly string[], input?: Buffer) => Promise<Ended>
  readonly serve: (...more: readonly string[]) => Promise<Daemon>
  /** `serve` until it ends by itself or is ready, and then stopped; `wrap` is put before node. */
  readonly serveBriefly: (more?: readonly string[], wrap?: readonly string[]) => Promise<Ended>
  readonly records: () => LogRecord[]
  readonly remove: () => void
}

export async function makeTinyHome(): Promise<TinyHome> {
  const { home, state, remove } = makeHome()
  const command = (args: readonly string[], input?: Buffer) => runCommand(home, args, input)
  const template = createHash('sha256').update(TINY_TEMPLATE).digest('hex')
  const args = ['model', 'import', '-', '--name', MODEL, '--template-sha256', template]
  const imported = await command(args, Buffer.from(tinyModelBytes()))
  if (imported.code !== 0) throw new Error(imported.err)
  const added = await command(['client', 'add', 'tests', '--json'])
  const { key } = JSON.parse(added.out) as { key: string }
  const settings = [...SERVE, '--set', `model=${MODEL}`]
  return {
    ...{ home, state, key, command, remove },
    serve: (...more) => startDaemon(home, [...settings, ...more]),
    serveBriefly: (more = [], wrap = []) => serveBriefly(home, [...settings, ...more], wrap),
    records: () => recordsOf(state),
  }
}

async function serveBriefly(
  home: string,
  settings: readonly string[],
  wrap: readonly string[],
): Promise<Ended> {
  const serve = [process.execPath, BIN, 'serve', '--listen', '127.0.0.1:0', ...settings]
  const [program = '', ...args] = [...wrap, ...serve]
  const env = { PATH: process.env.PATH ?? '', HOME: home }
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString()
    if (err.includes('ready in')) child.kill('SIGTERM')
  })
  const late = setTimeout(() => child.kill('SIGTERM'), START_MS)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(late)
  return { code, out, err }
}

/** The whole lines of the record, read while somebody may be writing the next. */
export function recordsOf(state: string): LogRecord[] {
  const lines = readFileSync(join(state, 'audit/audit.jsonl'), 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LogRecord)
}

export interface Question {
  readonly content?: string
  readonly maxTokens?: number
}

export function ask(
  { url, key }: { readonly url: string; readonly key: string },
  { content = 'say something', maxTokens = 8 }: Question = {},
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      temperature: 0,
      max_completion_tokens: maxTokens,
      messages: [{ role: 'user', content }],
    }),
  })
}

/** Asks until the daemon, which may be mending itself, answers with 200; every other is a 503. */
export async function untilAnswered(where: { url: string; key: string }): Promise<void> {
  const untilMs = performance.now() + 30_000
  for (;;) {
    const status = await ask(where).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 200) return
    if (status !== 0) expect(status).toBe(503)
    if (performance.now() > untilMs) throw new Error('the daemon does not answer any more')
    await sleep(100)
  }
}

/** Every path of the state folder with its size, but the record, which grows. */
export function stateListing(state: string): string[] {
  return readdirSync(state, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('audit.jsonl'))
    .map((name) => `${name} ${statSync(join(state, name)).size}`)
    .sort()
}

/** The pids of a process's children. */
export function childrenOf(parent: number): number[] {
  const path = `/proc/${parent}/task/${parent}/children`
  const children = readFileSync(path, 'utf8').trim().split(' ')
  return children.filter((pid) => pid !== '').map(Number)
}

/** Processes of `serve` that run this role's main, past the launcher. */
export function pidsOf(role: 'engine' | 'gateway' | 'keeper', parent: number): number[] {
  return childrenOf(parent).filter((pid) => commandLine(pid).includes(`dist/${role}/main.js`))
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

export const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`)

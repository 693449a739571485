/**
 * The promised numbers of docs/SPECIFICATION.md, measured here and now.
 *
 *     npm run bench
 *     npm run bench -- stall busy              # only these
 *     LLAMA_SERVER=/path/to/llama-server BENCH_MODEL=/path/to/model.gguf npm run bench
 *
 * Run it on an idle machine. With a llama-server it is measured in the same run, in turn with ours,
 * on the same model file. Times are printed, never asserted; the ratios have bounds.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeHome, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import { median, stream, tokensPerSecond, type Server } from './client.ts'

const MODEL = 'smollm2-135m-instruct'
const ROUNDS = 3
/** Against a peer on a shared machine: single rounds differ by a fifth either way. */
const PEER_ROUNDS = 8
const TOKENS = 96
const PEER_PORT = 18_097
const BUSY_MS = 600_000
/** As llama-server with `-np 8 -c 16384`: the same memory for the same work. */
const SAME_CONTEXT = ['--set', 'engine.contextTokens=2048', '--set', 'engine.slots=8']

const rows: { readonly what: string; readonly value: string; readonly holds: boolean | null }[] = []

function report(what: string, value: string, holds: boolean | null = null): void {
  rows.push({ what, value, holds })
  const mark = holds === null ? ' ' : holds ? '+' : '!'
  console.log(`${mark} ${what}: ${value}`)
}

function serverOf(daemon: Daemon, key: string): Server {
  return { url: daemon.ready.url, key, model: MODEL }
}

async function startPeer(): Promise<{ server: Server; child: ChildProcess } | undefined> {
  const { LLAMA_SERVER: program, BENCH_MODEL: model } = process.env
  if (program === undefined || model === undefined) return undefined
  const args = ['-m', model, '-np', '8', '-c', '16384', '-t', '2']
  const child = spawn(program, [...args, '--host', '127.0.0.1', '--port', `${PEER_PORT}`], {
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${PEER_PORT}`
  for (let tries = 0; tries < 100; tries++) {
    await sleep(200)
    const health = await fetch(`${url}/health`).catch(() => undefined)
    if (health?.ok === true) return { server: { url, key: 'none', model: 'any' }, child }
  }
  child.kill()
  throw new Error('llama-server did not start')
}

async function whileBusy<T>(processes: number, act: () => Promise<T>): Promise<T> {
  const code = `const end = Date.now() + ${BUSY_MS}; while (Date.now() < end);`
  const busy = Array.from({ length: processes }, () => spawn(process.execPath, ['-e', code]))
  try {
    await sleep(500)
    return await act()
  } finally {
    for (const child of busy) child.kill('SIGKILL')
    await sleep(500)
  }
}

async function measureDecode(ours: Server, peer: Server | undefined): Promise<void> {
  for (const count of [1, 4, 8]) {
    const own: number[] = []
    const other: number[] = []
    for (let round = 0; round < PEER_ROUNDS; round++) {
      own.push(await tokensPerSecond(ours, count, TOKENS))
      if (peer !== undefined) other.push(await tokensPerSecond(peer, count, TOKENS))
    }
    report(`decode, ${count} at once, tokens/s`, median(own).toFixed(1))
    if (peer === undefined) continue
    const ratio = median(own.map((value, i) => value / (other[i] ?? Number.NaN)))
    report(`  llama-server`, median(other).toFixed(1))
    report(`  ratio`, ratio.toFixed(2), count === 8 ? ratio >= 0.95 : null)
  }
}

async function measureFirstToken(ours: Server, peer: Server | undefined): Promise<void> {
  const first = async (server: Server) => {
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const content = `Say the number ${i}${Math.random()}.`
      times.push((await stream(server, { content, maxTokens: 4 })).firstTokenMs)
    }
    return median(times)
  }
  report('first token of a short prompt, ms', (await first(ours)).toFixed(0))
  if (peer !== undefined) report('  llama-server', (await first(peer)).toFixed(0))
}

async function measureBusy(ours: Server): Promise<void> {
  const idle = median([
    await tokensPerSecond(ours, 1, TOKENS),
    await tokensPerSecond(ours, 1, TOKENS),
    await tokensPerSecond(ours, 1, TOKENS),
  ])
  for (const processes of [1, 2]) {
    const busy = await whileBusy(processes, async () =>
      median([
        await tokensPerSecond(ours, 1, TOKENS),
        await tokensPerSecond(ours, 1, TOKENS),
        await tokensPerSecond(ours, 1, TOKENS),
      ]),
    )
    const share = busy / idle
    report(
      `one stream, ${processes} busy, tokens/s and share of idle`,
      `${busy.toFixed(1)}, ${share.toFixed(2)}`,
      share >= 0.45,
    )
  }
}

const words = (count: number) => Array.from({ length: count }, (_, i) => `word${i % 97}`).join(' ')

/** A text that makes a prompt of at least `tokens`, and at most some dozens more. */
async function promptOf(server: Server, tokens: number): Promise<string> {
  const countOf = async (count: number) =>
    (await stream(server, { content: words(count), maxTokens: 1 })).promptTokens
  const [few, many] = [await countOf(97), await countOf(194)]
  return words(97 + Math.ceil((97 * (tokens - few)) / (many - few)))
}

async function measureStall(ours: Server): Promise<void> {
  const text = await promptOf(ours, 2010)
  const longest: number[] = []
  let promptTokens = 0
  for (let round = 0; round < ROUNDS; round++) {
    let texts = 0
    const { promise: running, resolve } = Promise.withResolvers<undefined>()
    const onText = () => {
      if (++texts === 10) resolve(undefined)
    }
    const first = stream(ours, { content: 'Tell a very long story.', maxTokens: 200, onText })
    await running
    promptTokens = (await stream(ours, { content: `${round} ${text}`, maxTokens: 2 })).promptTokens
    longest.push((await first).longestGapMs)
  }
  const worst = Math.max(...longest)
  report(
    `longest stop of a stream while a prompt of ${promptTokens} tokens arrives, ms`,
    worst.toFixed(0),
    worst <= 500 && promptTokens >= 2000,
  )
}

async function measureHangUp(ours: Server): Promise<void> {
  const text = await promptOf(ours, 4020)
  const whole = await stream(ours, { content: text, maxTokens: 1 })
  report('prompt, tokens/s', ((1000 * whole.promptTokens) / whole.firstTokenMs).toFixed(0))
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const abort = new AbortController()
    const content = `${round} ${text}`
    const long = stream(ours, { content, maxTokens: 1, signal: abort.signal }).catch(() => null)
    await sleep(700)
    abort.abort()
    const startMs = performance.now()
    if ((await long) !== null) throw new Error('the long prompt was read before the hang-up')
    await stream(ours, { content: `Say ${round}.`, maxTokens: 1 })
    times.push(performance.now() - startMs)
  }
  const worst = Math.max(...times)
  report(
    `the only slot answers again after a hang-up in a prompt of ${whole.promptTokens} tokens, ms`,
    worst.toFixed(0),
    worst <= 1000 && whole.promptTokens >= 4000,
  )
}

function residentMib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}

async function measureMemory(daemon: Daemon, ours: Server): Promise<void> {
  const resident = () =>
    Object.values(daemon.ready.processes).map((pid: number) => residentMib(pid))
  const run = async (count: number) => {
    for (let done = 0; done < count; done += 8) {
      await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          stream(ours, { content: `Say ${done + i}.`, maxTokens: 2 }),
        ),
      )
    }
  }
  await run(200)
  const before = resident()
  await run(1000)
  const after = resident()
  const growth = after.reduce((sum, value, i) => sum + value - (before[i] ?? 0), 0)
  const all = after.reduce((sum, value) => sum + value, 0)
  report(
    'resident after 1,200 requests, MiB, and growth over the last 1,000',
    `${all.toFixed(0)}, ${growth.toFixed(1)}`,
    growth / all < 0.05,
  )
}

async function measurePrompt(ours: Server, peer: Server | undefined): Promise<void> {
  const text = await promptOf(ours, 1500)
  const speed = async (server: Server, round: number) => {
    const { promptTokens, firstTokenMs } = await stream(server, {
      content: `${round}${Math.random()} ${text}`,
      maxTokens: 1,
    })
    return (1000 * promptTokens) / firstTokenMs
  }
  const own: number[] = []
  const other: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await speed(ours, round))
    if (peer !== undefined) other.push(await speed(peer, round))
  }
  report('a prompt of 1,500 tokens, tokens/s', median(own).toFixed(0))
  if (peer !== undefined) report('  llama-server', median(other).toFixed(0))
}

type Act = (ours: Server, daemon: Daemon) => Promise<void>

/** Starts the daemon for one act, and stops it whatever happens. */
async function withDaemon(
  home: string,
  key: string,
  sets: readonly string[],
  act: Act,
): Promise<number> {
  const daemon = await startDaemon(home, ['--set', 'gateway.requestsPerMinute=100000', ...sets])
  try {
    await act(serverOf(daemon, key), daemon)
  } finally {
    await daemon.stop()
  }
  return daemon.ready.startupMs
}

const ONLY = process.argv.slice(2)
const wants = (name: string) => ONLY.length === 0 || ONLY.includes(name)

async function measureAll(ours: Server, daemon: Daemon): Promise<void> {
  if (wants('stall')) await measureStall(ours)
  if (wants('busy')) await measureBusy(ours)
  if (wants('memory')) await measureMemory(daemon, ours)
  if (!wants('peer')) return
  const peer = await startPeer()
  try {
    await measureDecode(ours, peer?.server)
    await measurePrompt(ours, peer?.server)
    await measureFirstToken(ours, peer?.server)
  } finally {
    peer?.child.kill()
  }
}

async function main(): Promise<void> {
  const place = makeHome()
  try {
    const first = await startDaemon(place.home, ['--quickstart', ...SAME_CONTEXT])
    const key = /sk-local-[A-Za-z0-9_-]{43}/.exec(first.said.out + first.said.err)?.[0] ?? ''
    await first.stop()
    const starts: number[] = []
    for (let i = 0; i < ROUNDS && wants('start'); i++) {
      starts.push(await withDaemon(place.home, key, SAME_CONTEXT, () => Promise.resolve()))
    }
    if (wants('start')) report('sealed start, warm cache, to ready, ms', median(starts).toFixed(0))
    if (wants('hang-up')) {
      await withDaemon(place.home, key, ['--set', 'engine.slots=1'], measureHangUp)
    }
    await withDaemon(place.home, key, SAME_CONTEXT, measureAll)
  } finally {
    place.remove()
  }
  const failed = rows.filter((row) => row.holds === false).length
  console.log(`${rows.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

await main()

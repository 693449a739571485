/**
 * The whole daemon with a tiny model: brought in through a pipe, served, killed in every way, and
 * its record checked. Uses dist/ and the kernel's layers, as root or as an ordinary user.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, runCommand, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import { makeCanary, tinyModelBytes, TINY_TEMPLATE } from '../fixtures/tiny-gguf.ts'

const MODEL = 'tiny'
const SERVE = ['--set', 'engine.contextTokens=1024', '--set', 'engine.slots=2']
const place = makeHome()
const { home, state } = place
const canary = makeCanary()
let key: string

const command = (args: readonly string[], input?: Buffer) => runCommand(home, args, input)

async function serve(more: readonly string[] = []): Promise<Daemon> {
  return startDaemon(home, [...SERVE, '--set', `model=${MODEL}`, ...more])
}

interface Reply {
  choices: { message: { content: string } }[]
  error?: { code: string }
}

function ask(url: string, maxTokens: number, stream = false): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      stream,
      temperature: 0,
      max_completion_tokens: maxTokens,
      messages: [{ role: 'user', content: 'say something' }],
    }),
  })
}

/** Asks until the daemon, which may be mending itself, answers. */
async function answered(url: string): Promise<string> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      const response = await ask(url, 8)
      const body = (await response.json()) as Reply
      if (response.status === 200) return body.choices[0]!.message.content
      expect(response.status).toBe(503)
    } catch (thrown) {
      if (Date.now() > deadline) throw thrown
    }
    await sleep(100)
  }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`)
async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 10_000
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(20)
  expect(pids.filter(isAlive)).toEqual([])
}

async function verdict(): Promise<{ code: number | null; out: string }> {
  return command(['audit', 'verify'])
}

const sockets = () => readdirSync(join(state, 'run')).filter((name) => name.endsWith('.sock'))

beforeAll(async () => {
  const model = Buffer.from(tinyModelBytes({ canary }))
  expect(model.includes(canary)).toBe(true)
  const template = createHash('sha256').update(TINY_TEMPLATE).digest('hex')
  const args = ['model', 'import', '-', '--name', MODEL, '--template-sha256', template]
  const imported = await command(args, model)
  expect(imported.err + imported.out).toContain('model tiny: sealed')
  const added = await command(['client', 'add', 'tests', '--json'])
  key = (JSON.parse(added.out) as { key: string }).key
})
afterAll(() => {
  place.remove()
})

describe('models', () => {
  test('no canary of the model is in the home folder', () => {
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' })
    expect(files.some((name) => name.endsWith('model.gguf.sealed'))).toBe(true)
    for (const name of files) {
      const path = join(home, name)
      if (statSync(path).isFile()) expect(readFileSync(path).includes(canary), name).toBe(false)
    }
  })

  test('list, inspect and verify', async () => {
    const list = await command(['model', 'list', '--json'])
    expect(JSON.parse(list.out)).toMatchObject([{ name: MODEL, slots: [{ kind: 'file' }] }])
    expect(list.out).not.toContain('wrapped')
    const verified = await command(['model', 'verify', MODEL])
    expect(verified).toMatchObject({ code: EXIT.ok })
    expect(verified.out).toContain('every chunk opens')
  })

  test.each<{ what: string; bytes: () => Buffer }>([
    { what: 'no GGUF at all', bytes: () => Buffer.alloc(100_000, 'text ') },
    { what: 'cut in half', bytes: () => Buffer.from(tinyModelBytes()).subarray(0, 150_000) },
  ])('$what is refused by the trial load, and gone', async ({ bytes }) => {
    const { code, err } = await command(['model', 'import', '-', '--name', 'bad'], bytes())
    expect(err).toContain('MODEL_REFUSED')
    expect(code).toBe(EXIT.permanent)
    expect(readdirSync(join(state, 'models'))).toEqual([MODEL])
  })

  test('a flipped byte: verify says so, serve does not start, and the record has it', async () => {
    const path = join(state, 'models', MODEL, 'model.gguf.sealed')
    const good = readFileSync(path)
    const bad = Buffer.from(good)
    bad[bad.length - 50_000]! ^= 1
    writeFileSync(path, bad)
    const verified = await command(['model', 'verify', MODEL])
    expect(verified.out).toContain('bad: tiny: VAULT_DAMAGED')
    expect(verified.code).toBe(EXIT.refused)
    const args = ['serve', ...SERVE, '--set', `model=${MODEL}`, '--listen', '127.0.0.1:0']
    const served = await command(args)
    expect(served.err).toContain('VAULT_DAMAGED')
    expect(served.err).toContain('hint: ')
    expect(served.code).toBe(EXIT.permanent)
    writeFileSync(path, good)
    const tail = await command(['audit', 'tail'])
    expect(tail.out).toContain('engine.load-failed')
  })
})

describe('life', () => {
  let daemon: Daemon
  beforeAll(async () => {
    daemon = await serve()
  })
  afterAll(async () => {
    await daemon.stop()
  })

  test('answers, says who runs and what holds', async () => {
    expect((await answered(daemon.ready.url)).length).toBeGreaterThan(0)
    const doctor = await command(['doctor', '--json'])
    const found = JSON.parse(doctor.out) as { daemon: string; layers: Record<string, object> }
    expect(found.daemon).toBe('running')
    expect(Object.keys(found.layers).sort()).toEqual(['engine', 'gateway', 'keeper'])
  })

  test('a second daemon on the folder is refused', async () => {
    const second = await command(['serve', '--set', `model=${MODEL}`, '--listen', '127.0.0.1:0'])
    expect(second.err).toContain('STATE_IN_USE')
    expect(second.code).toBe(EXIT.passing)
  })

  test('the engine killed in the middle of an answer: an SSE error, then it works again', async () => {
    const response = await ask(daemon.ready.url, 900, true)
    const reader = response.body!.getReader()
    let text = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += Buffer.from(part.value).toString()
      if (text.length > 2000) break
    }
    process.kill(daemon.ready.processes.engine, 'SIGKILL')
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += Buffer.from(part.value).toString()
    }
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
    expect((await answered(daemon.ready.url)).length).toBeGreaterThan(0)
    expect(isAlive(daemon.ready.processes.engine)).toBe(false)
  })

  test.each(['gateway', 'keeper'] as const)(
    '%s killed: it comes back and answers',
    async (role) => {
      process.kill(daemon.ready.processes[role], 'SIGKILL')
      expect((await answered(daemon.ready.url)).length).toBeGreaterThan(0)
    },
  )

  test('the deaths are in the record, and it verifies', async () => {
    const tail = await command(['audit', 'tail', '--lines', '200'])
    for (const role of ['engine', 'gateway', 'keeper']) {
      expect(tail.out).toContain(`process.died codes=["${role}","SIGKILL"]`)
    }
    expect((await verdict()).code).toBe(EXIT.ok)
  })

  test('a model is imported while the daemon runs', async () => {
    const model = Buffer.from(tinyModelBytes({ seed: 2 }))
    const imported = await command(['model', 'import', '-', '--name', 'second'], model)
    expect(imported.err).toContain('model second: sealed')
    const served = await command(['model', 'remove', MODEL, '--yes'])
    expect(served.err).toContain('STATE_IN_USE')
    const removed = await command(['model', 'remove', 'second', '--yes'])
    expect(removed.code).toBe(EXIT.ok)
    expect(readdirSync(join(state, 'models'))).toEqual([MODEL])
  })

  test('a revoked key stops working without a restart', async () => {
    const added = await command(['client', 'add', 'short'])
    const short = added.out.trim()
    const models = () =>
      fetch(`${daemon.ready.url}/v1/models`, { headers: { authorization: `Bearer ${short}` } })
    expect((await models()).status).toBe(200)
    await command(['client', 'revoke', 'short'])
    await sleep(1200)
    expect((await models()).status).toBe(401)
  })

  test('SIGTERM stops all in order, exit 0, no socket left', async () => {
    const pids = Object.values(daemon.ready.processes)
    expect(await daemon.stop()).toBe(EXIT.ok)
    await untilGone(pids)
    expect(sockets()).toEqual([])
    const tail = await command(['audit', 'tail', '--lines', '2'])
    expect(tail.out).toMatch(/gateway\.stopped[^]*keeper\.stopped/)
  })
})

describe('sudden ends', () => {
  let second: Daemon

  test('the supervisor killed: its children end, stale sockets do not hinder the next start', async () => {
    const first = await serve()
    first.child.kill('SIGKILL')
    await untilGone(Object.values(first.ready.processes))
    expect(sockets().length).toBeGreaterThan(0)
    second = await serve()
    expect((await answered(second.ready.url)).length).toBeGreaterThan(0)
  })

  test('all killed at once, and the last line of the log torn: nothing acknowledged is lost', async () => {
    const first = second
    const pids = Object.values(first.ready.processes)
    for (const pid of [first.child.pid!, ...pids]) process.kill(pid, 'SIGKILL')
    await untilGone(pids)
    const log = join(state, 'audit/audit.jsonl')
    const before = readFileSync(log, 'utf8')
    appendFileSync(log, '{"actor":"gateway","ty')
    const torn = await verdict()
    expect(torn.out).toContain('torn last line: 22 bytes')
    expect(torn.code).toBe(EXIT.ok)
    const third = await serve()
    await answered(third.ready.url)
    expect(await third.stop()).toBe(EXIT.ok)
    expect(readFileSync(log, 'utf8').startsWith(before)).toBe(true)
    const mended = await verdict()
    expect(mended.out).toMatch(/^ok: \d+ records/)
    expect(mended.out).not.toContain('torn')
  })

  test('a changed record is named', async () => {
    const log = join(state, 'audit/audit.jsonl')
    const good = readFileSync(log, 'utf8')
    writeFileSync(log, good.replace('keeper.started', 'keeper.stopped'))
    const bad = await verdict()
    expect(bad.out).toContain('bad: line 1: wrong link')
    expect(bad.code).toBe(EXIT.refused)
    writeFileSync(log, good)
  })
})

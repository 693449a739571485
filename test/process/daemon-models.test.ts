/**
 * A daemon with several models: at start and on demand, ended by idling, for another and by force.
 * Uses dist/ and the kernel's layers.
 */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, runCommand, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import { tinyBertBytes } from '../fixtures/tiny-bert.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const place = makeHome()
const { home } = place
let apiKey: string
let daemon: Daemon | undefined

const command = (args: readonly string[], input?: Buffer) => runCommand(home, args, input)

interface ModelRow {
  readonly load?: 'start' | 'demand'
  readonly idleMs?: number
  readonly kind?: 'chat' | 'embedding'
}

async function serve(models: Record<string, ModelRow>, more: readonly string[] = []) {
  daemon = await startDaemon(home, [
    ...['--set', 'engine.contextTokens=1024', '--set', 'engine.slots=2', '--set', 'model=one'],
    ...['--set', `models=${JSON.stringify(models)}`, ...more],
  ])
  return daemon
}

const clientOf = ({ ready }: Daemon) =>
  new OpenAI({ apiKey, baseURL: `${ready.url}/v1`, maxRetries: 0 })

async function chat(running: Daemon, model: string, maxTokens = 12): Promise<string> {
  const answer = await clientOf(running).chat.completions.create({
    ...{ model, temperature: 0, max_completion_tokens: maxTokens },
    messages: [{ role: 'user', content: 'say something' }],
  })
  return answer.choices[0]?.message.content ?? ''
}

interface Readiness {
  readonly ready: boolean
  readonly models: Record<string, string>
}

async function states({ ready }: Daemon): Promise<Record<string, string>> {
  const response = await fetch(`${ready.url}/readyz`)
  return ((await response.json()) as Readiness).models
}

async function until(running: Daemon, model: string, state: string): Promise<void> {
  await expect.poll(async () => (await states(running))[model], { timeout: 20_000 }).toBe(state)
}

/** Types and codes of what the record says of a model. */
async function recordOf(model: string): Promise<string[]> {
  const { out } = await command(['audit', 'tail', '--lines', '400'])
  return out.split('\n').filter((line) => line.includes(`model=${model}`))
}

beforeAll(async () => {
  const models = {
    one: tinyModelBytes(),
    two: tinyModelBytes({ seed: 2 }),
    vectors: tinyBertBytes(),
  }
  for (const [name, bytes] of Object.entries(models)) {
    const { err } = await command(['model', 'import', '-', '--name', name], bytes)
    expect(err).toContain(`model ${name}: sealed`)
  }
  const added = await command(['client', 'add', 'tests', '--json'])
  apiKey = (JSON.parse(added.out) as { key: string }).key
})
afterEach(async () => {
  expect(await daemon?.stop()).toBe(EXIT.ok)
  daemon = undefined
})
afterAll(() => {
  place.remove()
})

test('two chat models and one for embeddings, each asked by its name', async () => {
  const running = await serve({ two: { load: 'start' }, vectors: { load: 'start' } })
  const client = clientOf(running)
  const listed = await client.models.list()
  expect(listed.data.map(({ id }) => id)).toEqual(['one', 'two', 'vectors'])
  expect(await states(running)).toEqual({ one: 'ready', two: 'ready', vectors: 'ready' })
  const [one, two] = await Promise.all([chat(running, 'one'), chat(running, 'two')])
  // Other weights, other words, and each the same again.
  expect(one).not.toBe(two)
  expect(await Promise.all([chat(running, 'one'), chat(running, 'two')])).toEqual([one, two])
  const { data, usage, model } = await client.embeddings.create({
    model: 'vectors',
    input: ['the cat', 'river'],
  })
  expect(model).toBe('vectors')
  expect(usage.prompt_tokens).toBe(7)
  expect(data.map(({ index }) => index)).toEqual([0, 1])
  for (const { embedding } of data) expect(Math.hypot(...embedding)).toBeCloseTo(1, 5)
  await expect(chat(running, 'vectors')).rejects.toMatchObject({ status: 400, code: 'model_kind' })
  await expect(client.embeddings.create({ model: 'one', input: 'x' })).rejects.toMatchObject({
    ...{ status: 400, code: 'model_kind', param: 'model' },
  })
  await expect(chat(running, 'three')).rejects.toMatchObject({ code: 'model_not_found' })
})

test('kill -9 of one engine leaves the other serving, and it comes back', async () => {
  const running = await serve({ two: { load: 'start' } })
  const pid = running.ready.processes['engine-two' as 'engine']
  process.kill(pid, 'SIGKILL')
  expect((await chat(running, 'one')).length).toBeGreaterThan(0)
  await until(running, 'two', 'ready')
  expect((await chat(running, 'two')).length).toBeGreaterThan(0)
  const tail = await command(['audit', 'tail', '--lines', '100'])
  expect(tail.out).toContain('process.died codes=["engine-two","SIGKILL"]')
})

describe('on demand', () => {
  test('loaded by a request, unloaded by idling, loaded again; all of it in the record', async () => {
    const running = await serve({ two: { idleMs: 1000 }, vectors: { idleMs: 1000 } })
    expect(await states(running)).toEqual({ one: 'ready', two: 'resting', vectors: 'resting' })
    const first = await chat(running, 'two')
    const pids = await engineChildren(running)
    expect(pids).toHaveLength(2)
    await until(running, 'two', 'resting')
    expect(await engineChildren(running)).toHaveLength(1)
    // The keeper gives the key again; nobody is asked for anything.
    expect(await chat(running, 'two')).toBe(first)
    const record = (await recordOf('two')).join('\n')
    expect(record.match(/key\.granted/g)?.length).toBeGreaterThanOrEqual(2)
    expect(record.match(/engine\.loaded/g)?.length).toBeGreaterThanOrEqual(2)
    expect(record).toContain('model.unloaded')
    expect(record).toContain('"idle"')
    expect(record).not.toContain('engine.lost')
    expect(running.said.err).not.toContain('warning')
  })

  test('many at once load it once', async () => {
    const running = await serve({ two: { idleMs: 60_000 } })
    const before = (await recordOf('two')).filter((line) => line.includes('engine.loaded')).length
    const answers = await Promise.all(Array.from({ length: 6 }, () => chat(running, 'two')))
    expect(new Set(answers).size).toBe(1)
    const after = (await recordOf('two')).filter((line) => line.includes('engine.loaded')).length
    expect(after - before).toBe(1)
  })

  test('killed while it works: an error, and the next request loads it again', async () => {
    const running = await serve({ two: { idleMs: 60_000 } })
    await chat(running, 'two')
    const long = chat(running, 'two', 900)
    const failed = expect(long).rejects.toMatchObject({ status: 503, code: 'engine_lost' })
    await sleep(150)
    const pids = await engineChildren(running)
    for (const pid of pids) if (pid !== running.ready.processes.engine) process.kill(pid, 'SIGKILL')
    await failed
    expect((await chat(running, 'one')).length).toBeGreaterThan(0)
    expect((await chat(running, 'two')).length).toBeGreaterThan(0)
  })

  test('a model of the wrong kind by its settings is refused without a load', async () => {
    const running = await serve({ vectors: { kind: 'embedding' } })
    await expect(chat(running, 'vectors')).rejects.toMatchObject({ code: 'model_kind' })
    expect((await states(running)).vectors).toBe('resting')
  })

  test('a model whose load fails is 503 for its clients and nothing for the others', async () => {
    const running = await serve({ vectors: { kind: 'chat' } })
    await expect(chat(running, 'vectors')).rejects.toMatchObject({
      ...{ status: 503, code: 'engine_unavailable' },
    })
    expect((await chat(running, 'one')).length).toBeGreaterThan(0)
    expect((await recordOf('vectors')).join('\n')).toContain('engine.load-failed')
  })
})

/** Pids of the engines among the supervisor's children. */
async function engineChildren(running: Daemon): Promise<number[]> {
  const { readdirSync, readFileSync } = await import('node:fs')
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    if (!existsSync(`/proc/${pid}/stat`)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return parent === running.child.pid && args.includes('engine/main.js')
    } catch {
      return false
    }
  })
}

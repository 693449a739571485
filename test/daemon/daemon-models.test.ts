/**
 * A daemon with several models: at start and on demand, ended by idling, for another and by force.
 * Uses dist/ and the kernel's layers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, runCommand, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import { tinyBertBytes } from '../fixtures/tiny-bert.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const place = makeHome()
const { home, state } = place
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

interface Recorded {
  readonly body: { readonly type: string; readonly model?: string; readonly codes?: string[] }
}

/** What the record says of a model: types, with their codes. */
function recordOf(model: string): string[] {
  const lines = readFileSync(join(state, 'audit/audit.jsonl'), 'utf8').trim().split('\n')
  return lines
    .map((line) => JSON.parse(line) as Recorded['body'])
    .filter((event) => event.model === model)
    .map(({ type, codes = [] }) => [type, ...codes].join(' '))
}

/** Of this daemon alone: since `from` events of a model. */
const recordSince = (model: string, from: number) => recordOf(model).slice(from)

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
  if (daemon !== undefined) expect(await daemon.stop()).toBe(EXIT.ok)
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
  // Its death may not have been seen yet, and then it is still called ready.
  const words = () =>
    chat(running, 'two').then(
      ({ length }) => length,
      () => 0,
    )
  await expect.poll(words, { timeout: 30_000, interval: 200 }).toBeGreaterThan(0)
  const tail = await command(['audit', 'tail', '--lines', '100'])
  expect(tail.out).toContain('process.died codes=["engine","SIGKILL"] model="two"')
})

describe('on demand', () => {
  test('loaded by a request, unloaded by idling, loaded again; all of it in the record', async () => {
    const before = recordOf('two').length
    const running = await serve({ two: { idleMs: 1000 }, vectors: { idleMs: 1000 } })
    expect(await states(running)).toEqual({ one: 'ready', two: 'resting', vectors: 'resting' })
    const first = await chat(running, 'two')
    const pids = engineChildren(running)
    expect(pids).toHaveLength(2)
    await until(running, 'two', 'resting')
    expect(engineChildren(running)).toHaveLength(1)
    // The keeper gives the key again; nobody is asked for anything.
    expect(await chat(running, 'two')).toBe(first)
    const record = recordSince('two', before)
    const life = ['key.granted', 'engine.loaded chat', 'model.unloaded idle']
    expect(record.filter((event) => !event.startsWith('request.'))).toEqual([
      ...life,
      ...life.slice(0, 2),
    ])
    expect(running.said.err).not.toContain('warning')
  })

  test('many at once load it once', async () => {
    const running = await serve({ two: { idleMs: 60_000 } })
    const before = recordOf('two').length
    const answers = await Promise.all(Array.from({ length: 6 }, () => chat(running, 'two')))
    expect(new Set(answers).size).toBe(1)
    const loads = recordSince('two', before).filter((event) => event.startsWith('engine.loaded'))
    expect(loads).toHaveLength(1)
  })

  test('killed while it works: an error, and the next request loads it again', async () => {
    const running = await serve({ two: { idleMs: 60_000 } })
    await chat(running, 'two')
    const long = chat(running, 'two', 900)
    const failed = expect(long).rejects.toMatchObject({ status: 503, code: 'engine_lost' })
    await sleep(150)
    const pids = engineChildren(running)
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
    expect(recordOf('vectors')).toContain('engine.load-failed MODEL_KIND')
  })
})

describe('a memory budget', () => {
  /** Each of the tiny models is granted 210 to 225 million bytes. */
  const budget = (bytes: number) => ['--set', `memory.modelsBytes=${bytes}`]
  const forTwo = budget(460_000_000)
  const onDemand = { two: { idleMs: 60_000 }, vectors: { idleMs: 60_000 } }

  async function embed(running: Daemon): Promise<number> {
    const { data } = await clientOf(running).embeddings.create({ model: 'vectors', input: 'cat' })
    return data.length
  }

  test('one that idles ends for one that is asked for, and the other way', async () => {
    const before = recordOf('two').length
    const running = await serve(onDemand, forTwo)
    await chat(running, 'two')
    expect(await embed(running)).toBe(1)
    expect(await states(running)).toEqual({ one: 'ready', two: 'resting', vectors: 'ready' })
    expect(recordSince('two', before)).toContain('model.unloaded for-another')
    expect((await chat(running, 'two')).length).toBeGreaterThan(0)
    expect(await states(running)).toEqual({ one: 'ready', two: 'ready', vectors: 'resting' })
    // The one that was loaded at start has been there all the time.
    expect(engineChildren(running)).toContain(running.ready.processes.engine)
  })

  test('one at work is not ended: the other gets 503, and the answer comes whole', async () => {
    const running = await serve(onDemand, [...forTwo, '--set', 'engine.contextTokens=8192'])
    await chat(running, 'two')
    const long = clientOf(running).chat.completions.create({
      ...{ model: 'two', temperature: 0, max_completion_tokens: 5000 },
      messages: [{ role: 'user', content: 'say something' }],
    })
    const response = await fetch(`${running.ready.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'vectors', input: 'cat' }),
    })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(recordOf('vectors')).toContain('model.load-refused MEMORY_BUDGET busy')
    expect((await long).usage?.completion_tokens).toBe(5000)
    // Now it idles.
    expect(await embed(running)).toBe(1)
  })

  test('what never fits is refused with its numbers, and takes nobody with it', async () => {
    const running = await serve(onDemand, budget(300_000_000))
    await expect(chat(running, 'two')).rejects.toMatchObject({ code: 'engine_unavailable' })
    expect(recordOf('two')).toContain('model.load-refused MEMORY_BUDGET never')
    expect(running.said.err).toMatch(
      /two needs \d+ bytes, the models that stay leave \d+ of 300000000/,
    )
    expect((await chat(running, 'one')).length).toBeGreaterThan(0)
  })

  test('a model for the start that does not fit is the end, with a fault', async () => {
    const args = ['serve', '--listen', '127.0.0.1:0', '--set', 'model=one', ...budget(50_000_000)]
    const { code, err } = await command(args)
    expect(err).toContain('MEMORY_BUDGET')
    expect(err).toContain('memory.modelsBytes')
    expect(code).toBe(EXIT.permanent)
  })
})

/** Pids of the engines among the supervisor's children. */
function engineChildren(running: Daemon): number[] {
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

/**
 * The loop over the real llama.cpp with the tiny model, in this process: who runs beside whom, and
 * what an end in the middle leaves behind.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillReservedSlot } from '../../src/engine/constant-prefix.ts'
import { DecodeLoop } from '../../src/engine/decode-loop.ts'
import type { JobListener, JobRequest, JobResult } from '../../src/engine/job.ts'
import { plainPlan, planAnswer, type AnswerPlan } from '../../src/engine/answer/answer-plan.ts'
import type { TokenChance } from '../../src/engine/answer/token-line.ts'
import type { BatchContext } from '../../src/engine/batch-context.ts'
import { loadModel, type LoadedModel } from '../../src/engine/llama.ts'
import type { GrammarRules } from '../../src/engine/sampler.ts'
import { samplerConfig } from '../../src/engine/sampling.ts'
import { testBatches } from '../../src/engine/self-test.ts'
import type { JobTool } from '../../src/wire/frames.ts'
import { writeTinyModel } from '../fixtures/tiny-gguf.ts'
import { GREEDY } from './engine-stand-ins.ts'

const CONTEXT_TOKENS = 4096

let folder: string
let model: LoadedModel
let context: BatchContext
let loop: DecodeLoop
let constant: Uint32Array

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-loop-'))
  const path = join(folder, 'tiny.gguf')
  writeTinyModel(path)
  model = await loadModel(path, { maxThreads: 1, onLog: () => undefined })
  context = await model.createBatchContext({
    contextTokens: CONTEXT_TOKENS,
    slots: 4,
    batchTokens: 256,
  })
  await testBatches(model, context)
  constant = model.vocabulary.tokenize('<|im_start|>system\nYou are a test', 'special')
  await fillReservedSlot(context, constant)
  loop = new DecodeLoop(model, context, {
    prefillSliceMs: 150,
    maxThreads: 1,
    constant,
    readOthersRunnable: () => null,
    onFault: () => undefined,
  })
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

interface Run {
  readonly job: ReturnType<DecodeLoop['add']>
  readonly ended: Promise<JobResult & { readonly text: string }>
  readonly texts: string[]
}

function run(
  request: Partial<JobRequest> & { words?: string; stops?: readonly string[] },
  listener?: Partial<JobListener>,
) {
  const { words = 'Hello', stops = [], ...fields } = request
  const prompt = Uint32Array.from([
    ...constant,
    ...model.vocabulary.tokenize(`<|im_end|>\n<|im_start|>user\n${words}`, 'special'),
  ])
  const texts: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<JobResult & { text: string }>()
  const job = loop.add(
    {
      client: 'anna',
      prompt,
      choices: 1,
      maxTokens: 20,
      sampling: GREEDY,
      plan: plainPlan(stops),
      topLogprobs: null,
      echo: 'none',
      prefix: 'reuse',
      cuts: 'fast',
      ...fields,
    },
    {
      started: () => undefined,
      progress: () => undefined,
      prompt: () => undefined,
      said: (_choice, event) => {
        if (event.is === 'text') texts.push(event.piece.text)
      },
      done: (result) => {
        resolve({ ...result, text: texts.join('') })
      },
      failed: reject,
      isBehind: () => false,
      ...listener,
    },
  )
  return { job, ended: promise, texts } satisfies Run
}

test('a prompt that would fail a batch is refused before it meets other jobs', async () => {
  const beside = run({ maxTokens: 50 })
  const outside = Uint32Array.of(1, model.vocabulary.size)
  expect(() => run({ prompt: outside })).toThrow(RangeError)
  expect(() => run({ prompt: new Uint32Array() })).toThrow(RangeError)
  expect(() => run({ prompt: new Uint32Array(CONTEXT_TOKENS).fill(1) })).toThrow(RangeError)
  expect((await beside.ended).completionTokens).toBe(50)
})

test('llama.ts refuses every batch that the addon would choke on', async () => {
  const ids = Uint32Array.of(1, 2)
  const part = { slot: 3, position: context.filled(3), ids, logits: 'none' as const }
  for (const parts of [
    [{ ...part, ids: Uint32Array.of(model.vocabulary.size) }],
    [{ ...part, ids: Uint32Array.of(0xffff_ffff) }],
    [{ ...part, ids: new Uint32Array() }],
    [{ ...part, ids: new Uint32Array(257) }],
    [{ ...part, position: part.position + 1 }],
    [{ ...part, slot: 5, position: 0 }],
    [{ ...part, slot: -1, position: 0 }],
    [part, { ...part, position: part.position + 2 }],
    [part, { ...part, slot: 2, position: context.filled(2) }],
  ]) {
    await expect(context.decode(parts)).rejects.toThrow(RangeError)
  }
  for (const id of [-1, 0.5, model.vocabulary.size, Number.NaN]) {
    expect(() => model.vocabulary.bytesOf(id)).toThrow(RangeError)
    expect(() => model.vocabulary.textOf(id)).toThrow(RangeError)
  }
  expect(() => model.vocabulary.detokenize(Uint32Array.of(model.vocabulary.size))).toThrow(
    RangeError,
  )
  await expect(context.copySlot(0, 0)).rejects.toThrow(RangeError)
  await expect(context.copySlot(0, 9)).rejects.toThrow(RangeError)
})

test('a seed repeats, another seed differs, and the prompt is zeroed at the end', async () => {
  const sampling = { ...GREEDY, temperature: 1.2, seed: 7 }
  const prompt = Uint32Array.from([...constant, 40, 41, 42])
  const first = await run({ prompt, sampling }).ended
  expect([...prompt].every((id) => id === 0)).toBe(true)
  const again = await run({ prompt: Uint32Array.from([...constant, 40, 41, 42]), sampling }).ended
  expect(again.text).toBe(first.text)
  const other = await run({
    prompt: Uint32Array.from([...constant, 40, 41, 42]),
    sampling: { ...sampling, seed: 8 },
  }).ended
  expect(other.text).not.toBe(first.text)
})

test('penalties count every token of the answer', async () => {
  const plain = await run({ maxTokens: 200 }).ended
  const penalised = await run({
    maxTokens: 200,
    sampling: { ...GREEDY, frequencyPenalty: 2, presencePenalty: 2 },
  }).ended
  const repeats = (text: string) => text.length - new Set(text).size
  expect(repeats(penalised.text)).toBeLessThan(repeats(plain.text))
})

test('a stop string ends the answer, and is not in it', async () => {
  const whole = await run({ maxTokens: 30 }).ended
  const stop = whole.text.slice(10, 14)
  const cut = await run({ maxTokens: 30, stops: [stop] }).ended
  expect(cut.choices).toEqual([{ finish: 'stop', stop: 0 }])
  expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
})

test('a reader that is behind stops its own job, not the others, and loses nothing', async () => {
  const alone = await run({ words: 'a river', maxTokens: 60 }).ended
  let behind = false
  const slow = run(
    { words: 'a river', maxTokens: 60 },
    {
      isBehind: () => behind,
    },
  )
  while (slow.texts.length < 5) await sleep(1)
  behind = true
  await sleep(20)
  const seen = slow.texts.length
  expect((await run({ client: 'bert', maxTokens: 40 }).ended).completionTokens).toBe(40)
  await sleep(50)
  expect(slow.texts.length).toBe(seen)
  behind = false
  expect((await slow.ended).text).toBe(alone.text)
})

test('a cancelled prompt ends within a slice, alone too, and its slot is free', async () => {
  const words = 'wind and sea '.repeat(900)
  const long = run({ words, maxTokens: 1000 })
  const position = () => long.job.branches[0]?.position ?? 0
  while (position() <= constant.length) await sleep(1)
  const startMs = performance.now()
  loop.cancel(long.job)
  const { choices, completionTokens } = await long.ended
  expect(choices).toEqual([{ finish: 'cancelled', stop: null }])
  expect(completionTokens).toBe(0)
  expect(performance.now() - startMs).toBeLessThan(1000)
  const four = [0, 1, 2, 3].map((n) => run({ client: `c${n}`, maxTokens: 5 }).ended)
  expect((await Promise.all(four)).every((result) => result.completionTokens === 5)).toBe(true)
})

test('a job that still waits is cancelled without ever taking a slot', async () => {
  const running = [0, 1, 2, 3].map((n) => run({ client: `c${n}`, maxTokens: 200 }))
  const waiting = run({ client: 'late' })
  loop.cancel(waiting.job)
  expect(await waiting.ended).toMatchObject({
    choices: [{ finish: 'cancelled' }],
    prefillMs: 0,
  })
  await Promise.all(running.map(({ ended }) => ended))
})

test('the next free slot is for the client that has fewest, however many others stand before', async () => {
  const starts: string[] = []
  const begin = (client: string, maxTokens: number) =>
    run({ client, maxTokens }, { started: () => starts.push(client) })
  const holding = [0, 1, 2, 3].map((n) => begin('anna', 60 + 20 * n))
  // A client alone has every slot.
  while (starts.length < 4) await sleep(1)
  const waiting = [0, 1, 2].map(() => begin('anna', 5))
  waiting.push(begin('fred', 5), begin('gina', 5))
  await Promise.all([...holding, ...waiting].map(({ ended }) => ended))
  expect(starts).toEqual([...Array<string>(4).fill('anna'), 'fred', 'gina', 'anna', 'anna', 'anna'])
})

test('two clients with nothing running take turns at the one slot that is left', async () => {
  const starts: string[] = []
  const holding = ['anna', 'bert', 'carl'].map((client) => run({ client, maxTokens: 300 }))
  while (holding.some(({ texts }) => texts.length === 0)) await sleep(1)
  const waiting = ['dora', 'dora', 'dora', 'emil', 'emil'].map((client) =>
    run({ client, maxTokens: 5 }, { started: () => starts.push(client) }),
  )
  await Promise.all(waiting.map(({ ended }) => ended))
  for (const { job } of holding) loop.cancel(job)
  await Promise.all(holding.map(({ ended }) => ended))
  expect(starts).toEqual(['dora', 'emil', 'dora', 'emil', 'dora'])
})

test('streams in scattered slots are moved together, and their answers do not change', async () => {
  const prompts = ['one red bird', 'two blue stones', 'a house by the sea', 'the moon']
  const alone: string[] = []
  for (const words of prompts) alone.push((await run({ words, maxTokens: 150 }).ended).text)
  const jobs = prompts.map((words, n) =>
    run({ words, client: `c${n}`, maxTokens: n === 0 || n === 3 ? 150 : 20 }),
  )
  while (jobs[3]!.texts.length < 5) await sleep(1)
  const slotOf = (n: number) => jobs[n]!.job.branches[0]!.slot
  expect([0, 1, 2, 3].map(slotOf).toSorted()).toEqual([0, 1, 2, 3])
  const slots = () => [slotOf(0), slotOf(3)]
  const distances = new Set<number>()
  while (jobs[3]!.texts.length < 100) {
    distances.add(Math.abs(slots()[0]! - slots()[1]!))
    await sleep(1)
  }
  expect(Math.max(...distances)).toBeGreaterThan(1)
  expect(Math.abs(slots()[0]! - slots()[1]!)).toBe(1)
  const texts = (await Promise.all(jobs.map(({ ended }) => ended))).map(({ text }) => text)
  expect(texts[0]).toBe(alone[0])
  expect(texts[3]).toBe(alone[3])
  expect(alone[1]!.startsWith(texts[1]!)).toBe(true)
})

test('the self-test notices a batch that computes something else', async () => {
  // The same context with one token of the prompt swapped on its way into our batches.
  const decode = context.decode.bind(context)
  const crooked = Object.assign(Object.create(context) as BatchContext, {
    filled: context.filled.bind(context),
    sample: context.sample.bind(context),
    truncate: context.truncate.bind(context),
    decodePublicly: (prompt: Uint32Array, tokens: number) => context.decodePublicly(prompt, tokens),
    decode: (parts: Parameters<BatchContext['decode']>[0]) =>
      decode(parts.map((part) => ({ ...part, ids: part.ids.map((id) => (id + 1) % 300) }))),
  })
  context.truncate(0, 0)
  await expect(testBatches(model, crooked)).rejects.toMatchObject({ code: 'ENGINE_SELF_TEST' })
})

test('bytes of single tokens add up to the text of all', () => {
  const text = 'Hello world € 😀 naïve <think> ok'
  const ids = model.vocabulary.tokenize(text, 'plain')
  const bytes = Buffer.concat([...ids].map((id) => model.vocabulary.bytesOf(id)))
  expect(bytes.toString()).toBe(text)
  const control = model.vocabulary.tokenize('<|im_start|>', 'special')
  expect([...control].map((id) => model.vocabulary.bytesOf(id).length)).toEqual([0])
  expect(samplerConfig(GREEDY, 1).temperature).toBe(0)
})

interface Said {
  readonly texts: string[]
  readonly calls: string[]
  readonly thoughts: string[]
  readonly chances: TokenChance[]
}

/** Runs to its end, and sorts what was said by answer and part. */
async function runAll(request: Parameters<typeof run>[0]) {
  const answers: Said[] = Array.from({ length: request.choices ?? 1 }, () => ({
    texts: [],
    calls: [],
    thoughts: [],
    chances: [],
  }))
  const told: { id: number; chance: TokenChance | null }[] = []
  const { ended } = run(request, {
    prompt: (tokens) => told.push(...tokens),
    said: (choice, event) => {
      const answer = answers[choice]!
      if (event.is === 'call') answer.calls.push(`${event.name} `)
      if (event.is !== 'text') return
      if (event.part === 'answer') answer.texts.push(event.piece.text)
      if (event.part === 'thought') answer.thoughts.push(event.piece.text)
      if (event.part === 'arguments') answer.calls.push(event.piece.text)
      answer.chances.push(...event.piece.chances)
    },
  })
  return { result: await ended, answers, told }
}

test('several answers to one prompt: read once, each with its own seed, the same every time', async () => {
  const sampling = { ...GREEDY, temperature: 1.5, seed: 11 }
  const ask = () =>
    runAll({ words: 'a house', choices: 3, maxTokens: 25, sampling, prefix: 'fresh' })
  const first = await ask()
  const texts = first.answers.map((answer) => answer.texts.join(''))
  expect(new Set(texts).size).toBe(3)
  expect(first.result.choices).toHaveLength(3)
  expect(first.result.completionTokens).toBe(75)
  const again = await ask()
  expect(again.answers.map((answer) => answer.texts.join(''))).toEqual(texts)
  // Greedy answers to one prompt are the same answer.
  const greedy = await runAll({ words: 'a house', choices: 4, maxTokens: 40 })
  const [one, ...others] = greedy.answers.map((answer) => answer.texts.join(''))
  const alone = await runAll({ words: 'a house', maxTokens: 40 })
  expect(one).toBe(alone.answers[0]!.texts.join(''))
  expect(others).toEqual([one, one, one])
  expect(() => run({ choices: 5 })).toThrow(RangeError)
})

test('answers wait until there are slots for all of them, and others go on meanwhile', async () => {
  const long = run({ client: 'bert', maxTokens: 60 })
  const four = runAll({ choices: 4, maxTokens: 5 })
  const late = run({ client: 'carl', maxTokens: 5 })
  expect((await long.ended).completionTokens).toBe(60)
  expect((await four).result.completionTokens).toBe(20)
  expect((await late.ended).completionTokens).toBe(5)
})

const plan = (rules: GrammarRules | null, more: Partial<AnswerPlan> = {}): AnswerPlan => ({
  ...plainPlan([]),
  rules,
  ...more,
})

test('an answer obeys its grammar, and one that does not parse is refused alone', async () => {
  const text = 'a-root ::= "[" [0-9] ("," [0-9]){2} "]"'
  const ask = () => runAll({ plan: plan({ text, root: 'a-root' }), maxTokens: 200 })
  const { result, answers } = await ask()
  expect(answers[0]!.texts.join('')).toMatch(/^\[\d,\d,\d\]$/)
  expect(result.choices).toEqual([{ finish: 'stop', stop: null }])
  const beside = run({ maxTokens: 30 })
  await expect(run({ plan: plan({ text: 'x ::=', root: 'a-root' }) }).ended).rejects.toMatchObject({
    code: 'ENGINE_GRAMMAR',
  })
  expect((await beside.ended).completionTokens).toBe(30)
  expect((await ask()).answers[0]!.texts.join('')).toMatch(/^\[\d,\d,\d\]$/)
})

const HERMES = {
  open: '<tool_call>\n',
  beforeName: '{"name": "',
  afterName: '", "arguments": ',
  afterArguments: '}\n</tool_call>',
  between: '\n<tool_call>\n',
  close: '',
  where: 'anywhere',
} as const
const TOOLS: JobTool[] = ['add', 'look'].map((name, at) => ({
  name,
  description: null,
  parameters: '{}',
  rules: `t${at}-root ::= "{\\"n\\": " [1-9] [0-9]? "}"`,
}))

test.each(['one', 'several'] as const)('calls that must be made, %s at once', async (atOnce) => {
  const form = { rules: null, calls: { mode: 'must', only: null, atOnce } } as const
  const formats = { calls: HERMES, thoughts: null, spelled: new Set<number>() }
  const answerPlan = planAnswer({ stops: [], form, tools: TOOLS }, formats)
  const sampling = { ...GREEDY, temperature: 1, seed: 5 }
  const { result, answers } = await runAll({ plan: answerPlan, maxTokens: 400, sampling })
  const called = answers[0]!.calls.join('')
  expect(called).toMatch(/^((add|look) \{"n": [1-9]\d?\})+$/)
  if (atOnce === 'one') expect(called.match(/"n"/g)).toHaveLength(1)
  expect(answers[0]!.texts).toEqual([])
  expect(result.choices[0]!.finish).toBe('calls')
})

test('a call that may be made: once its trigger is written, the grammar writes the rest', async () => {
  const form = { rules: null, calls: { mode: 'may', only: 'look', atOnce: 'one' } } as const
  const formats = { calls: HERMES, thoughts: null, spelled: new Set<number>() }
  const answerPlan = planAnswer({ stops: [], form, tools: TOOLS }, formats)
  // The random model would never call; a bias makes it write the trigger first.
  const trigger = model.vocabulary.tokenize('<tool_call>', 'special')[0]!
  const sampling = { ...GREEDY, biases: [[trigger, 100] as [number, number]] }
  const { result, answers } = await runAll({ plan: answerPlan, maxTokens: 100, sampling })
  expect(answers[0]!.calls.join('')).toMatch(/^look \{"n": [1-9]\d?\}$/)
  expect(answers[0]!.texts).toEqual([])
  expect(result.choices[0]!.finish).toBe('calls')
})

test('a bias of -100 bans a token, one of 100 makes it sure', async () => {
  const [id] = model.vocabulary.tokenize(' sea', 'plain')
  const forced = await runAll({ maxTokens: 5, sampling: { ...GREEDY, biases: [[id!, 100]] } })
  expect(forced.answers[0]!.texts.join('')).toBe(' sea'.repeat(5))
  const plain = await runAll({ maxTokens: 1, topLogprobs: 0 })
  const first = plain.answers[0]!.chances[0]!.id
  const banned = await runAll({
    maxTokens: 1,
    topLogprobs: 0,
    sampling: { ...GREEDY, biases: [[first, -100]] },
  })
  expect(banned.answers[0]!.chances[0]!.id).not.toBe(first)
})

test('chances are the model’s own: whatever was biased, sharpened or cut', async () => {
  const ask = (sampling: JobRequest['sampling']) =>
    runAll({ maxTokens: 8, topLogprobs: 20, sampling })
  const { answers } = await ask(GREEDY)
  const { chances } = answers[0]!
  expect(chances).toHaveLength(8)
  for (const { id, logprob, rivals } of chances) {
    expect(rivals).toHaveLength(20)
    // Greedy takes the likeliest.
    expect(rivals[0]).toEqual({ id, logprob })
    const logprobs = rivals.map((rival) => rival.logprob)
    expect(logprobs).toEqual(logprobs.toSorted((a, b) => b - a))
    const total = logprobs.reduce((sum, value) => sum + Math.exp(value), 0)
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThanOrEqual(1.0001)
  }
  const [id, other] = [chances[0]!.id, chances[0]!.rivals[3]!]
  const biased = await ask({ ...GREEDY, temperature: 0.3, topK: 1, biases: [[other.id, 100]] })
  const [first] = biased.answers[0]!.chances
  expect(first!.id).toBe(other.id)
  expect(first!.logprob).toBeCloseTo(other.logprob, 4)
  expect(first!.rivals[0]!.id).toBe(id)
})

test('a prompt told back: every token, and how likely it was after those before it', async () => {
  const ask = (more: Partial<JobRequest>) =>
    runAll({ words: 'the sun and the moon', maxTokens: 1, echo: 'tokens', ...more })
  const plain = await ask({})
  const prompt = plain.told.map(({ id }) => id)
  expect(model.vocabulary.detokenize(Uint32Array.from(prompt))).toContain('the sun and the moon')
  expect(plain.told.every(({ chance }) => chance === null)).toBe(true)
  const judged = await ask({ topLogprobs: 2 })
  expect(judged.told.map(({ id }) => id)).toEqual(prompt)
  expect(judged.told[0]!.chance).toBeNull()
  expect(judged.told.slice(1).every(({ chance }) => chance!.logprob < 0)).toBe(true)
  // The first token of the answer, judged as part of a longer prompt, has the same chance.
  const { id, logprob } = (await ask({ topLogprobs: 2 })).answers[0]!.chances[0]!
  const longer = await runAll({
    prompt: Uint32Array.from([...prompt, id]),
    maxTokens: 0,
    echo: 'tokens',
    topLogprobs: 0,
  })
  expect(longer.told.at(-1)!.chance!.logprob).toBeCloseTo(logprob, 3)
  expect(longer.result).toMatchObject({ completionTokens: 0, choices: [{ finish: 'length' }] })
})

test('fixed cuts: the same answer alone, under load, and on a reused prefix', async () => {
  const words = 'one two red blue stone river '.repeat(30)
  const ask = async (more: Partial<JobRequest> = {}) => {
    const sampling = { ...GREEDY, temperature: 1, seed: 3 }
    const request = { words, maxTokens: 20, topLogprobs: 3, sampling, cuts: 'fixed' as const }
    const { answers, result } = await runAll({ ...request, ...more })
    const { texts, chances } = answers[0]!
    return { text: texts.join(''), chances, cached: result.cachedTokens }
  }
  const alone = await ask({ prefix: 'fresh' })
  const others = ['bert', 'carl'].map((client) =>
    run({ client, words: 'sea '.repeat(300), maxTokens: 60 }),
  )
  await sleep(5)
  const beside = await ask({ prefix: 'fresh' })
  await Promise.all(others.map(({ ended }) => ended))
  expect(beside.text).toBe(alone.text)
  // The prompt's part is the same to the last bit; these weights' later digits follow the width of a
  // batch, those of the default model do not (test/e2e).
  expect(beside.chances[0]).toEqual(alone.chances[0])
  const reused = await ask()
  expect(reused.cached).toBeGreaterThan(64)
  expect(reused.chances).toEqual(alone.chances)
})

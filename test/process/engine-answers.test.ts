/**
 * Answers of the real llama.cpp with the tiny model: several to one prompt, under a grammar, with
 * calls of tools, with chances, and the same again to the last bit.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainPlan, planAnswer, type AnswerPlan } from '../../src/engine/answer/answer-plan.ts'
import type { TokenChance } from '../../src/engine/answer/token-line.ts'
import type { JobRequest } from '../../src/engine/job.ts'
import type { GrammarRules } from '../../src/engine/sampler.ts'
import type { JobTool } from '../../src/wire/frames.ts'
import { GREEDY } from './engine-stand-ins.ts'
import { startTinyLoop, type Ask, type TinyLoop } from './tiny-loop.ts'

let tiny: TinyLoop
let run: TinyLoop['run']

beforeAll(async () => {
  tiny = await startTinyLoop()
  run = (request, listener) => tiny.run(request, listener)
})
afterAll(() => {
  tiny.close()
})

interface Said {
  readonly texts: string[]
  readonly calls: string[]
  readonly thoughts: string[]
  readonly chances: TokenChance[]
}

/** Runs to its end, and sorts what was said by answer and part. */
async function runAll(request: Ask) {
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
  const trigger = tiny.model.vocabulary.tokenize('<tool_call>', 'special')[0]!
  const sampling = { ...GREEDY, biases: [[trigger, 100] as [number, number]] }
  const { result, answers } = await runAll({ plan: answerPlan, maxTokens: 100, sampling })
  expect(answers[0]!.calls.join('')).toMatch(/^look \{"n": [1-9]\d?\}$/)
  expect(answers[0]!.texts).toEqual([])
  expect(result.choices[0]!.finish).toBe('calls')
})

test('a bias of -100 bans a token, one of 100 makes it sure', async () => {
  const [id] = tiny.model.vocabulary.tokenize(' sea', 'plain')
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
  expect(tiny.model.vocabulary.detokenize(Uint32Array.from(prompt))).toContain(
    'the sun and the moon',
  )
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

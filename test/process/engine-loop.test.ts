/**
 * The loop over the real llama.cpp with the tiny model, in this process: who runs beside whom, and
 * what an end in the middle leaves behind.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BatchContext } from '../../src/engine/batch-context.ts'
import { samplerConfig } from '../../src/engine/sampling.ts'
import { testBatches } from '../../src/engine/self-test.ts'
import { GREEDY } from './engine-stand-ins.ts'
import { CONTEXT_TOKENS, startTinyLoop, type TinyLoop } from './tiny-loop.ts'

let tiny: TinyLoop
let run: TinyLoop['run']

beforeAll(async () => {
  tiny = await startTinyLoop()
  run = (request, listener) => tiny.run(request, listener)
})
afterAll(() => {
  tiny.close()
})

test('a prompt that would fail a batch is refused before it meets other jobs', async () => {
  const beside = run({ maxTokens: 50 })
  const outside = Uint32Array.of(1, tiny.model.vocabulary.size)
  expect(() => run({ prompt: outside })).toThrow(RangeError)
  expect(() => run({ prompt: new Uint32Array() })).toThrow(RangeError)
  expect(() => run({ prompt: new Uint32Array(CONTEXT_TOKENS).fill(1) })).toThrow(RangeError)
  expect((await beside.ended).completionTokens).toBe(50)
})

test('llama.ts refuses every batch that the addon would choke on', async () => {
  const ids = Uint32Array.of(1, 2)
  const part = { slot: 3, position: tiny.context.filled(3), ids, logits: 'none' as const }
  for (const parts of [
    [{ ...part, ids: Uint32Array.of(tiny.model.vocabulary.size) }],
    [{ ...part, ids: Uint32Array.of(0xffff_ffff) }],
    [{ ...part, ids: new Uint32Array() }],
    [{ ...part, ids: new Uint32Array(257) }],
    [{ ...part, position: part.position + 1 }],
    [{ ...part, slot: 5, position: 0 }],
    [{ ...part, slot: -1, position: 0 }],
    [part, { ...part, position: part.position + 2 }],
    [part, { ...part, slot: 2, position: tiny.context.filled(2) }],
  ]) {
    await expect(tiny.context.decode(parts)).rejects.toThrow(RangeError)
  }
  for (const id of [-1, 0.5, tiny.model.vocabulary.size, Number.NaN]) {
    expect(() => tiny.model.vocabulary.bytesOf(id)).toThrow(RangeError)
    expect(() => tiny.model.vocabulary.textOf(id)).toThrow(RangeError)
  }
  expect(() =>
    tiny.model.vocabulary.detokenize(Uint32Array.of(tiny.model.vocabulary.size)),
  ).toThrow(RangeError)
  await expect(tiny.context.copySlot(0, 0)).rejects.toThrow(RangeError)
  await expect(tiny.context.copySlot(0, 9)).rejects.toThrow(RangeError)
})

test('a seed repeats, another seed differs, and the prompt is zeroed at the end', async () => {
  const sampling = { ...GREEDY, temperature: 1.2, seed: 7 }
  const prompt = Uint32Array.from([...tiny.constant, 40, 41, 42])
  const first = await run({ prompt, sampling }).ended
  expect([...prompt].every((id) => id === 0)).toBe(true)
  const again = await run({ prompt: Uint32Array.from([...tiny.constant, 40, 41, 42]), sampling })
    .ended
  expect(again.text).toBe(first.text)
  const other = await run({
    prompt: Uint32Array.from([...tiny.constant, 40, 41, 42]),
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
  while (position() <= tiny.constant.length) await sleep(1)
  const startMs = performance.now()
  tiny.loop.cancel(long.job)
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
  tiny.loop.cancel(waiting.job)
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
  for (const { job } of holding) tiny.loop.cancel(job)
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
  const decode = tiny.context.decode.bind(tiny.context)
  const crooked = Object.assign(Object.create(tiny.context) as BatchContext, {
    filled: tiny.context.filled.bind(tiny.context),
    sample: tiny.context.sample.bind(tiny.context),
    truncate: tiny.context.truncate.bind(tiny.context),
    decodePublicly: (prompt: Uint32Array, tokens: number) =>
      tiny.context.decodePublicly(prompt, tokens),
    decode: (parts: Parameters<BatchContext['decode']>[0]) =>
      decode(parts.map((part) => ({ ...part, ids: part.ids.map((id) => (id + 1) % 300) }))),
  })
  tiny.context.truncate(0, 0)
  await expect(testBatches(tiny.model, crooked)).rejects.toMatchObject({ code: 'ENGINE_SELF_TEST' })
})

test('bytes of single tokens add up to the text of all', () => {
  const text = 'Hello world € 😀 naïve <think> ok'
  const ids = tiny.model.vocabulary.tokenize(text, 'plain')
  const bytes = Buffer.concat([...ids].map((id) => tiny.model.vocabulary.bytesOf(id)))
  expect(bytes.toString()).toBe(text)
  const control = tiny.model.vocabulary.tokenize('<|im_start|>', 'special')
  expect([...control].map((id) => tiny.model.vocabulary.bytesOf(id).length)).toEqual([0])
  expect(samplerConfig(GREEDY, 1).temperature).toBe(0)
})

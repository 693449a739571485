/**
 * What a second client can learn of the first one's prompt: nothing, neither from the time to the
 * first token nor from what is counted. With the real model, whose prompts cost time to read.
 *
 * In each round Anna sends words that nobody sent before; then Bert sends the same words and as
 * many others, in turns first; then Anna sends hers again. Times are only compared with each other,
 * by their ranks; that Anna's own memory shows in them says that this test could fail.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyFrom, makeHome, MODEL, runCommand, startDaemon, type Daemon } from './daemon-process.ts'

const ROUNDS = 16
/** Each is one token of the model, with the space before it; a test below counts them. */
const WORDS =
  'time year people way day man thing woman life child world school state family student group country problem hand part place case week company system program question work government number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house service friend father power hour game line end member law car city community name president team minute idea'.split(
    ' ',
  )
/** Far from 0.5 and 1: the ranks of 16 and 16 equal times leave it once in some thousand runs. */
const CHANCE = 0.12

const place = makeHome()
let daemon: Daemon
let anna: string
let bert: string
let carl: string

beforeAll(async () => {
  const settings = ['--set', 'engine.slots=4', '--set', 'engine.contextTokens=1024']
  const rate = ['--set', 'gateway.requestsPerMinute=100000']
  daemon = await startDaemon(place.home, ['--quickstart', ...settings, ...rate])
  anna = keyFrom(daemon.said)
  bert = await newKey('bert', 'chat')
  carl = await newKey('carl', 'chat')
})
afterAll(async () => {
  await daemon.stop()
  place.remove()
})

async function newKey(name: string, scope: 'chat' | 'metrics'): Promise<string> {
  return keyFrom(await runCommand(place.home, ['client', 'add', name, '--scope', scope]))
}

let texts = 0
/** As many tokens in each, and none begins as another, so a client's own texts share nothing too. */
function freshWords(): string {
  const first = WORDS[texts++ % WORDS.length]!
  const rest = WORDS.filter((word) => word !== first).map((word) => ({ word, at: Math.random() }))
  const order = [first, ...rest.sort((a, b) => a.at - b.at).map(({ word }) => word)]
  return ` ${order.join(' ')}`
}

interface Answer {
  readonly tookMs: number
  readonly promptTokens: number
  readonly cachedTokens: number
  /** All that was told, but what was written, and what names or dates the answer. */
  readonly told: string
}

interface Usage {
  readonly prompt_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number }
}

/** One token of an answer: the time to the first one, and the way of it. */
async function ask(key: string, content: string, over: object = {}): Promise<Answer> {
  const body = {
    ...{ model: MODEL, temperature: 0, max_completion_tokens: 1 },
    ...{ messages: [{ role: 'user', content }], ...over },
  }
  const startedMs = performance.now()
  const response = await fetch(`${daemon.ready.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const tookMs = performance.now() - startedMs
  expect(response.status, text).toBe(200)
  const { usage, ...answer } = JSON.parse(text) as { usage: Usage; choices: unknown }
  return {
    tookMs,
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details.cached_tokens,
    told: JSON.stringify([usage, { ...answer, id: 0, created: 0, choices: 0 }, named(response)]),
  }
}

/** Headers, but the request's own name, the clock, the counters of the rate and the length. */
const named = ({ headers }: Response) =>
  [...headers].filter(
    ([name]) => !/^(x-request-id|request-id|date|x-ratelimit-.*|content-length)$/.test(name),
  )

/** How often one of the first is shorter than one of the second: 0.5 when they are alike (Mann–Whitney). */
function shareShorter(first: readonly number[], second: readonly number[]): number {
  const wins = first.flatMap((a) => second.map((b) => (a < b ? 1 : a === b ? 0.5 : 0)))
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length
}

interface Round {
  readonly first: Answer
  readonly same: Answer
  readonly other: Answer
  readonly again: Answer
}

async function round(number: number): Promise<Round> {
  const secret = freshWords()
  const first = await ask(anna, secret)
  const asSame = () => ask(bert, secret)
  const asOther = () => ask(bert, freshWords())
  const isSameFirst = number % 2 === 0
  const early = await (isSameFirst ? asSame() : asOther())
  const late = await (isSameFirst ? asOther() : asSame())
  const [same, other] = isSameFirst ? [early, late] : [late, early]
  return { first, same, other, again: await ask(anna, secret) }
}

describe('a prompt that another client sent before', () => {
  let rounds: Round[]
  const times = (which: keyof Round) => rounds.map((one) => one[which].tookMs)

  beforeAll(async () => {
    for (const key of [anna, bert]) await ask(key, freshWords())
    rounds = []
    for (let number = 0; number < ROUNDS; number++) rounds.push(await round(number))
  })

  test('all prompts are equally long', () => {
    const lengths = rounds.flatMap((one) => Object.values(one) as Answer[])
    const [longest, shortest] = [Math.max, Math.min].map((of) =>
      of(...lengths.map(({ promptTokens }) => promptTokens)),
    )
    expect(longest).toBe(shortest)
    expect(shortest).toBeGreaterThan(WORDS.length)
  })

  test('its own client is answered sooner: the memory is there, and shows', () => {
    for (const { again, first } of rounds) {
      expect(again.cachedTokens).toBe(again.promptTokens - 1)
      expect(first.cachedTokens).toBeLessThan(first.promptTokens - WORDS.length + 2)
    }
    expect(shareShorter(times('again'), times('first'))).toBeGreaterThan(1 - CHANCE)
  })

  test('comes as late to another client as words that nobody sent', () => {
    const share = shareShorter(times('same'), times('other'))
    expect(share).toBeLessThan(1 - CHANCE)
    expect(share).toBeGreaterThan(CHANCE)
  })

  test('counts as little: what the template begins with, and nothing of anybody', () => {
    const counted = rounds.flatMap(({ first, same, other }) => [first, same, other])
    expect(new Set(counted.map(({ cachedTokens }) => cachedTokens)).size).toBe(1)
  })
})

describe('other ways to ask for it', () => {
  const VARIANTS: readonly [string, object][] = [
    ['as it is', {}],
    ['with a seed, whose cuts are fixed', { seed: 7 }],
    ['for two answers', { n: 2 }],
    ['without memory', { cache_prompt: false }],
    ['with a key for the cache', { prompt_cache_key: 'shared' }],
    ['as the user of the other', { user: 'anna', safety_identifier: 'anna' }],
  ]

  test.each(VARIANTS)('%s', async (_what, over) => {
    const secret = freshWords()
    const mine = { seed: 7, prompt_cache_key: 'shared', user: 'anna', ...over }
    for (let times = 0; times < 2; times++) await ask(anna, secret, mine)
    const same = await ask(bert, secret, over)
    const other = await ask(carl, freshWords(), over)
    expect(same.told).toBe(other.told)
  })

  test.each(['/v1/completions', '/v1/responses', '/v1/messages'])('by %s', async (path) => {
    const secret = freshWords()
    const counts = async (key: string, text: string) => {
      const words = { messages: [{ role: 'user', content: text }] }
      const given = { '/v1/completions': { prompt: text }, '/v1/responses': { input: text } }
      const limit = path === '/v1/responses' ? { max_output_tokens: 16 } : { max_tokens: 1 }
      const response = await fetch(`${daemon.ready.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ model: MODEL, temperature: 0, ...limit },
          ...(path === '/v1/messages' ? words : given[path as keyof typeof given]),
        }),
      })
      expect(response.status).toBe(200)
      const { usage } = (await response.json()) as { usage: Record<string, unknown> }
      // How much was answered is the text's own matter.
      return JSON.stringify(usage).replaceAll(/"(output_tokens|total_tokens)":\d+/g, '')
    }
    const fresh = await counts(anna, secret)
    expect(await counts(anna, secret)).not.toBe(fresh)
    expect(await counts(bert, secret)).toBe(await counts(carl, freshWords()))
  })

  test('the numbers for Prometheus grow alike', async () => {
    const prometheus = await newKey('prometheus', 'metrics')
    const counters = async () => {
      const headers = { authorization: `Bearer ${prometheus}` }
      const text = await (await fetch(`${daemon.ready.url}/metrics`, { headers })).text()
      const lines = text.matchAll(/^secure_llm_tokens_total\{.*kind="(\w+)"\} (\d+)$/gm)
      return new Map([...lines].map(([, kind = '', count]) => [kind, Number(count)]))
    }
    const growth = async (key: string, content: string) => {
      const before = await counters()
      await ask(key, content)
      return [...(await counters())].map(([kind, count]) => [kind, count - before.get(kind)!])
    }
    const secret = freshWords()
    for (let times = 0; times < 2; times++) await ask(anna, secret)
    const same = await growth(bert, secret)
    expect(same).toEqual(await growth(carl, freshWords()))
  })
})

/** What an observer of the network sees of a stream: sizes that do not follow the tokens. */
import { describe, expect, test } from 'vitest'
import { answerHead, chunk } from '../../src/gateway/chat/answers.ts'
import { MessageWriter } from '../../src/gateway/messages/writer.ts'
import { Obfuscation } from '../../src/gateway/openapi/chat-answers.ts'
import { padding } from '../../src/gateway/padding.ts'
import { seededRandom } from '../process/gateway-stand-ins.ts'
import { MODEL } from './gateway-fakes.ts'

const EVENTS = 4000
const random = seededRandom(20_261_126)
const SIGNS = Array.from('abcdefghij .,"\\\n\u00e9\u4e2d😀')

/** As long as tokens are: most have one to eight characters, few have twelve. */
function token(): string {
  const length = 1 + Math.floor(Math.min(random(), random()) * 12)
  return Array.from({ length }, () => SIGNS[Math.floor(random() * SIGNS.length)]).join('')
}

const texts = Array.from({ length: EVENTS }, token)
const head = answerHead(`req_${'0'.repeat(32)}`, MODEL, 0)
const sizeOf = (data: object) => Buffer.byteLength(JSON.stringify(data))

function chunkSize(content: string, obfuscation: boolean): number {
  const choice = { index: 0, delta: { content }, tokens: null, finish: null }
  return sizeOf(chunk(head, { usage: false, obfuscation }, choice))
}

/** Pearson's; 0 where one of them does not vary at all. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const mean = (all: readonly number[]) => all.reduce((sum, x) => sum + x, 0) / all.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  let [xy, xx, yy] = [0, 0, 0]
  for (const [at, x] of xs.entries()) {
    const [dx, dy] = [x - meanX, (ys[at] ?? 0) - meanY]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy)
}

describe('the size of an event', () => {
  const lengths = texts.map((text) => Buffer.byteLength(text))

  test('follows the token when nobody hides it', () => {
    const sizes = texts.map((text) => chunkSize(text, false))
    expect(correlation(lengths, sizes)).toBeGreaterThan(0.8)
  })

  test('does not in a chunk', () => {
    const sizes = texts.map((text) => chunkSize(text, true))
    expect(Math.abs(correlation(lengths, sizes))).toBeLessThan(0.1)
    const usual = sizes.filter((size) => size === sizes[0]).length
    expect(usual / EVENTS).toBeGreaterThan(0.98)
  })

  test('does not in an event of /v1/messages', () => {
    const writer = new MessageWriter({
      requestId: 'r',
      model: MODEL,
      maxTokens: 9,
      stopTexts: [],
      thoughts: 'shown',
    })
    const part = { kind: 'text', choice: 0, part: 'answer', tokens: null } as const
    writer.take({ ...part, text: 'first' })
    const sizes = texts.map((text) => {
      const [event] = writer.take({ ...part, text })
      return sizeOf(event!.data as object)
    })
    expect(Math.abs(correlation(lengths, sizes))).toBeLessThan(0.1)
  })
})

test.each([0, 1, 31, 32, 33, 64, 65, 500, 1024, 4097, 8192, 8193, 20_000])(
  '%i characters are padded to a power of two, and in steps where they are very many',
  (length) => {
    const text = 'x'.repeat(length)
    const padded = length + padding(text).length
    expect(padded).toBeGreaterThanOrEqual(Math.max(32, length))
    if (length <= 8192) expect(Math.log2(padded) % 1).toBe(0)
    else expect(padded % 8192).toBe(0)
    expect(Obfuscation.safeParse(padding(text)).success).toBe(true)
  },
)

test('the name of a tool is hidden as its arguments are', () => {
  const size = (name: string) => {
    const called = { name, arguments: '' }
    const delta = {
      tool_calls: [{ index: 0, id: 'call_1', type: 'function' as const, function: called }],
    }
    const choice = { index: 0, delta, tokens: null, finish: null }
    return sizeOf(chunk(head, { usage: false, obfuscation: true }, choice))
  }
  expect(size('a')).toBe(size('delete_everything'))
})

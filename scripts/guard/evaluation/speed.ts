/**
 * How long the guard takes: for a kilobyte of a prompt, and for each token of an answer.
 *
 * The texts are made here. What it gives: figures of one core of this machine, warm. What it does
 * not give: the first texts of a process, which are compiled while they are read.
 *
 * @packageDocumentation
 */
import { createRedactor, compileOutput } from '../../../src/guard/output/redactor.ts'
import { profileOf } from '../../../src/guard/policy.ts'
import { judgedInput } from './guards.ts'
import type { Table } from './tables.ts'

const KB = 1024
const PROMPT_CHARS = 16 * KB
const ANSWER_CHARS = 64 * KB
const TOKEN_CHARS = 4
const ROUNDS = 7

const PROSE = [
  'The harbour opens at five, when the pilots have had their tea and the cranes are warm.',
  'A boat that draws two metres waits for the second hour of the tide, and nobody minds.',
  'Ask the office for the list of berths; it is printed on Mondays and again when it rains.',
  'Customs wants to see the crates with the blue label first, then whatever else is in the hold.',
  'If the wind turns north, please tell the crew of the ferry to take the inner quay instead.',
].join(' ')
const CODE = `export function tideAt(hours: number, place: Place): number {
  const phase = (hours - place.offsetHours) / 12.42
  if (!Number.isFinite(phase)) throw new RangeError(\`no tide at \${hours}\`)
  return place.meanMetres + place.rangeMetres * Math.cos(2 * Math.PI * phase) // 0x1F4A9
}
const PORTS = [{ name: 'Elmhaven', offsetHours: 2.5, meanMetres: 3.1, rangeMetres: 1.75 }]
`
const FOREIGN =
  'Der Hafen öffnet früh. Порт открывается рано. 港口很早就开放。 मौसम अच्छा है। الميناء مفتوح. 🚢 '
const NUMBERS =
  'Berth 12, 2026-03-14, 17:45, invoice 4471-0093, total 1,204.50 EUR, +12.5 %, ref A7-3391/2; '
const DATA = `${'Zm9vYmFyIHF1YXJ0eiBoZXJvbiB0aWRlIGJhc2lu'.repeat(3)} 7f3a9c1e5b7d2f4a6c8e0b1d3f5a7c9e `
const FINDINGS =
  'write to ines@harbour.example or +49 30 901820, card 4111 1111 1111 1111, born on 3 May 1980, key ghp_16CharactersAnd20MoreOfThem00000000. '

const TEXTS: Readonly<Record<string, string>> = {
  prose: PROSE,
  code: CODE,
  'ten scripts': FOREIGN,
  'numbers and dates': NUMBERS,
  'base64 and hex': DATA,
  'findings in every line': FINDINGS,
  'one letter': 'a',
  'one digit': '7',
  'signs only': '-----@@..//==',
}

const SYSTEM_PROMPT = `${PROSE} Never say when the night watch changes.`

function filled(text: string, chars: number): string {
  return text.repeat(Math.ceil(chars / text.length)).slice(0, chars)
}

export function measureSpeed(): readonly Table[] {
  return [inputTable(), outputTable()]
}

function inputTable(): Table {
  return {
    id: 'speed-input',
    title: `Input guard, µs for a KB (texts of ${PROMPT_CHARS / KB} KB; the limit is 100)`,
    head: ['text', 'as user', 'as document'],
    rows: Object.entries(TEXTS).map(([name, unit]) => {
      const text = filled(unit, PROMPT_CHARS)
      const cells = (['user', 'document'] as const).map((origin) => {
        const us = bestOf(() => {
          judgedInput(text, origin)
        })
        return (us / (PROMPT_CHARS / KB)).toFixed(0)
      })
      return [name, ...cells]
    }),
  }
}

/** µs of the best of some rounds: the others had company. */
function bestOf(run: () => void): number {
  let best = Infinity
  for (let n = 0; n < ROUNDS + 3; n++) {
    const startedMs = performance.now()
    run()
    best = Math.min(best, (performance.now() - startedMs) * 1000)
  }
  return best
}

function outputTable(): Table {
  const settings = {
    ...{ profile: 'strict', profiles: {}, denyList: ['project heron', 'straße am kai'] },
    ...{ patterns: [{ name: 'ticket', pattern: 'TICKET-[0-9]{3,8}', literal: 'TICKET-' }] },
    ...{ linkOrigins: ['https://example.org'], secrets: ['tidal-basin-gate-code-7741'] },
    ...{ maxMessageChars: ANSWER_CHARS, maxPromptChars: ANSWER_CHARS },
  }
  const policy = compileOutput(profileOf('strict', settings).output)
  const context = { systemPrompt: SYSTEM_PROMPT, canary: 'quartz-heron-5521' }
  return {
    id: 'speed-output',
    title: `Output guard, µs for a token of ${TOKEN_CHARS} characters (${ANSWER_CHARS / TOKEN_CHARS} tokens, ${ROUNDS} rounds; limits: median 5, worst 1,000)`,
    head: ['text', 'median', 'mean', '99 of 100', 'worst token', 'worst of any round'],
    rows: Object.entries(TEXTS).map(([name, unit]) => {
      const text = filled(unit, ANSWER_CHARS)
      return [name, ...tokenFigures(text, () => createRedactor(policy, context))]
    }),
  }
}

function tokenFigures(
  text: string,
  create: () => { push: (token: string) => unknown; end: () => unknown },
): readonly string[] {
  const tokens = Math.floor(text.length / TOKEN_CHARS)
  const best = new Float64Array(tokens).fill(Infinity)
  let worstMs = 0
  for (let round = 0; round < ROUNDS; round++) {
    const redactor = create()
    for (let n = 0; n < tokens; n++) {
      const token = text.slice(n * TOKEN_CHARS, (n + 1) * TOKEN_CHARS)
      const startedMs = performance.now()
      redactor.push(token)
      const tookMs = performance.now() - startedMs
      if (tookMs < (best[n] ?? 0)) best[n] = tookMs
      // The first two rounds compile.
      if (round > 1) worstMs = Math.max(worstMs, tookMs)
    }
    redactor.end()
  }
  const sorted = best.toSorted()
  const us = (ms: number | undefined) => ((ms ?? 0) * 1000).toFixed(2)
  const mean = sorted.reduce((sum, ms) => sum + ms, 0) / tokens
  const at = (share: number) => us(sorted[Math.floor(share * (tokens - 1))])
  return [at(0.5), us(mean), at(0.99), at(1), us(worstMs)]
}

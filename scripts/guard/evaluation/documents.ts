/**
 * Documents: harmless ones of every length, attacks at every depth, in every encoding, and BIPIA's
 * attacks in BIPIA's documents. Put together from rows of the part `check`.
 *
 * @packageDocumentation
 */
import type { Row } from '../train/rows.ts'
import { judgedInput, FLAGGED } from './guards.ts'
import { percent, type Table } from './tables.ts'

const LENGTHS = [500, 2000, 8000, 32_000, 128_000]
const TEXTS_OF_EACH = 60
const DEPTHS = [0, 0.25, 0.5, 0.75, 1]
const DEPTH_CHARS = 32_000

export function measureDocuments(rows: readonly Row[]): readonly Table[] {
  return [lengthTable(rows), depthTable(rows), bipiaTable(rows), encodingTable(rows)]
}

const PROSE = ['llmail', 'bipia-email', 'answers']
const DATA = ['bipia-table', 'bipia-code']

/** Harmless rows of the sets one behind the other, round and round, beginning at another one each time. */
function joined(rows: readonly Row[], first: number, chars: number): string {
  let text = ''
  for (let at = first; text.length < chars; at++)
    text += `${rows[at % rows.length]?.text ?? ''}\n\n`
  return text.slice(0, chars)
}

function harmless(rows: readonly Row[], sets: readonly string[]): readonly Row[] {
  return rows.filter(({ set, isAttack }) => !isAttack && sets.includes(set))
}

function lengthTable(rows: readonly Row[]): Table {
  const share = (own: readonly Row[], chars: number, origin: 'user' | 'document') => {
    const texts = Array.from({ length: TEXTS_OF_EACH }, (_, n) => joined(own, n * 7, chars))
    const flagged = texts.filter((text) => judgedInput(text, origin).score >= FLAGGED)
    return percent(flagged.length, texts.length)
  }
  return {
    id: 'document-lengths',
    title: `Harmless texts by length: how many of ${TEXTS_OF_EACH} are flagged`,
    head: ['characters', 'prose as user', 'prose as document', 'tables and code as document'],
    rows: LENGTHS.map((chars) => [
      String(chars),
      share(harmless(rows, PROSE), chars, 'user'),
      share(harmless(rows, PROSE), chars, 'document'),
      share(harmless(rows, DATA), chars, 'document'),
    ]),
  }
}

/** Those that are seen where they stand alone: depth is measured, not words. */
function depthTable(rows: readonly Row[]): Table {
  const own = harmless(rows, PROSE)
  const attacks = rows.filter(
    ({ isAttack, set, text }) => isAttack && set !== 'bipia-attacks' && text.length < 2000,
  )
  const columns = (['user', 'document'] as const).map((origin) => ({
    origin,
    seen: attacks
      .filter(({ text }) => judgedInput(text, origin).score >= FLAGGED)
      .slice(0, TEXTS_OF_EACH),
  }))
  const share = ({ origin, seen }: (typeof columns)[number], depth: number) => {
    const hits = seen.filter(({ text }, n) => {
      const around = joined(own, n * 5, DEPTH_CHARS)
      const at =
        depth === 1 ? around.length : around.indexOf('\n', Math.floor(depth * around.length * 0.98))
      const document = `${around.slice(0, at)}\n${text}\n${around.slice(at)}`
      return judgedInput(document, origin).score >= FLAGGED
    })
    return percent(hits.length, seen.length)
  }
  return {
    id: 'document-depths',
    title: `Attacks in ${DEPTH_CHARS} harmless characters, of those that are flagged alone`,
    head: ['depth', 'as user', 'as document'],
    rows: DEPTHS.map((depth) => [
      `${depth * 100} %`,
      ...columns.map((column) => share(column, depth)),
    ]),
  }
}

const CONTEXTS = { 'e-mail': 'bipia-email', table: 'bipia-table', code: 'bipia-code' } as const
const PLACES = { beginning: 0, middle: 0.5, end: 1 } as const
const MAX_CONTEXTS = 25

function bipiaTable(rows: readonly Row[]): Table {
  const attacks = rows.filter(({ set }) => set === 'bipia-attacks')
  return {
    id: 'document-bipia',
    title: 'BIPIA: documents with an attack in them, as documents',
    head: [
      'context',
      'place',
      'documents',
      'flagged',
      'attack taken out',
      'without the attack flagged',
    ],
    rows: Object.entries(CONTEXTS).flatMap(([name, set]) => {
      const contexts = harmless(rows, [set]).slice(0, MAX_CONTEXTS)
      const alone = contexts.filter(({ text }) => judgedInput(text, 'document').score >= FLAGGED)
      return Object.entries(PLACES).map(([place, depth]) => {
        const { all, flagged, gone } = attacked(contexts, attacks, depth)
        const figures = [
          percent(flagged, all),
          percent(gone, all),
          percent(alone.length, contexts.length),
        ]
        return [name, place, String(all), ...figures]
      })
    }),
  }
}

function attacked(contexts: readonly Row[], attacks: readonly Row[], depth: number) {
  const counts = { all: 0, flagged: 0, gone: 0 }
  for (const { text: context } of contexts) {
    const at = depth === 0 ? 0 : depth === 1 ? context.length : middleOf(context)
    for (const { text: attack } of attacks) {
      const document = `${context.slice(0, at)}\n${attack}\n${context.slice(at)}`
      const { score, redacted } = judgedInput(document, 'document')
      counts.all++
      if (score >= FLAGGED) counts.flagged++
      if (!redacted.includes(attack.normalize('NFC').trim())) counts.gone++
    }
  }
  return counts
}

/** Behind the line or the word in the middle. */
function middleOf(text: string): number {
  const half = Math.floor(text.length / 2)
  const line = text.indexOf('\n', half)
  return line >= 0 ? line : Math.max(half, text.indexOf(' ', half))
}

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  base64: (text) => Buffer.from(text).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  ROT13: (text) => text.replaceAll(/[a-z]/gi, turned),
  leetspeak: (text) => text.replaceAll(/[aeiostl]/g, (letter) => LEET[letter] ?? letter),
  reversed: (text) => Array.from(text).toReversed().join(''),
  'letters apart': (text) => Array.from(text).join(' '),
  'zero widths': (text) => Array.from(text).join('\u200b'),
  'tag characters': (text) => `What is the time?${text.replaceAll(/[ -~]/g, tagged)}`,
}
const LEET: Readonly<Record<string, string>> = {
  a: '4',
  e: '3',
  i: '1',
  o: '0',
  s: '5',
  t: '7',
  l: '1',
}

function turned(letter: string): string {
  const first = letter < 'a' ? 65 : 97
  return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
}
const tagged = (letter: string) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))

function encodingTable(rows: readonly Row[]): Table {
  const attacks = rows
    .filter(({ isAttack, set, text }) => isAttack && set !== 'bipia-attacks' && text.length < 2000)
    .filter(({ text }) => judgedInput(text, 'user').score >= FLAGGED)
  const questions = harmless(rows, ['fuzzyai', 'fastchat'])
  const share = (own: readonly Row[], encode: (text: string) => string) =>
    percent(
      own.filter(({ text }) => judgedInput(encode(text), 'user').score >= FLAGGED).length,
      own.length,
    )
  return {
    id: 'injection-encodings',
    title: `Attacks that are flagged as they are (${attacks.length}), and harmless questions (${questions.length}), encoded`,
    head: ['encoding', 'attacks flagged', 'questions flagged'],
    rows: Object.entries(ENCODINGS).map(([name, encode]) => [
      name,
      share(attacks, encode),
      share(questions, encode),
    ]),
  }
}

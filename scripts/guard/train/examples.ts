/**
 * What the two heads learn from: rows of the data folder, generated sentences, and attacks put into
 * documents at their beginning, middle and end.
 *
 * @packageDocumentation
 */
import { ATTACK_SHAPES, ATTACK_WORDS } from './attack-words.ts'
import { LANGUAGE_SHAPES, LANGUAGE_WORDS } from './attack-languages.ts'
import { BENIGN_LANGUAGE_SHAPES, BENIGN_LANGUAGE_WORDS } from './benign-languages.ts'
import { EVERYDAY_SHAPES, EVERYDAY_WORDS } from './benign-everyday.ts'
import { BENIGN_SHAPES, BENIGN_WORDS } from './benign-words.ts'
import { DOCUMENT_SHAPES, DOCUMENT_WORDS } from './document-words.ts'
import { makeFragment } from './fragments.ts'
import { expand, roughened, type Grammar } from './grammar.ts'
import type { Random } from './random.ts'
import type { Part, Row } from './rows.ts'
import { ACTION_WORDS, ANSWER_WORDS, QUESTION_WORDS } from './tool-actions.ts'

export interface Example {
  readonly set: string
  readonly part: Part
  readonly text: string
  readonly isAttack: boolean
  readonly weight: number
  /** Where the attack stands, when that is known. */
  readonly focus?: { readonly start: number; readonly end: number }
}

const GRAMMAR: Grammar = {
  ...ATTACK_WORDS,
  ...LANGUAGE_WORDS,
  ...BENIGN_WORDS,
  ...BENIGN_LANGUAGE_WORDS,
  ...EVERYDAY_WORDS,
  ...DOCUMENT_WORDS,
  ...ACTION_WORDS,
  ...ANSWER_WORDS,
  ...QUESTION_WORDS,
}

export const makeAttack = (random: Random) =>
  roughened(
    expand(GRAMMAR, random.pick(random.happens(0.3) ? LANGUAGE_SHAPES : ATTACK_SHAPES), random),
    random,
  )
export const makeBenign = (random: Random) => {
  const roll = random.next()
  const shapes =
    roll < 0.15 ? BENIGN_LANGUAGE_SHAPES : roll < 0.55 ? EVERYDAY_SHAPES : BENIGN_SHAPES
  return roughened(expand(GRAMMAR, random.pick(shapes), random), random)
}
export const makeDocument = (random: Random) =>
  expand(GRAMMAR, random.pick(DOCUMENT_SHAPES), random)
export const makePlain = (random: Random) => expand(GRAMMAR, '{plain}', random)
export const makeShout = (random: Random) => expand(GRAMMAR, '{shout}', random)
export const makeAnswer = (random: Random) => expand(GRAMMAR, '{answer}', random)
export const makeQuestion = (random: Random) => expand(GRAMMAR, '{ask}', random)

const DOCUMENT_SETS = ['llmail', 'bipia-email', 'bipia-table', 'bipia-code', 'answers']
/** Rows of one set count more or less, so that big sets do not decide alone. */
const SET_WEIGHTS: Readonly<Record<string, number>> = {
  deepset: 6,
  extraction: 3,
  giskard: 1,
  'bipia-attacks': 1,
  mitre: 0.5,
  fastchat: 2,
}
/** Plain questions are attacks only where nobody may ask: in documents. */
const isPromptAttack = ({ set, text }: Row) =>
  set !== 'bipia-attacks' || /```|\b(response|reply|answer|message)\b/.test(text)

function partOfGenerated(index: number): Part {
  return index % 10 === 0 ? 'check' : index % 10 === 1 ? 'tune' : 'train'
}

function generate(
  set: string,
  count: number,
  {
    isAttack,
    weight,
    make,
  }: { isAttack: boolean; weight: number; make: (random: Random) => string },
  random: Random,
): Example[] {
  return Array.from({ length: count }, (_, index) => {
    const text = make(random)
    return { set, part: partOfGenerated(index), text, isAttack, weight }
  })
}

const PARTS: readonly Part[] = ['train', 'train', 'train', 'tune', 'check']

export function promptExamples(rows: readonly Row[], random: Random): Example[] {
  const plain = rows
    .filter(isPromptAttack)
    .map((row): Example => ({ ...row, weight: SET_WEIGHTS[row.set] ?? 1 }))
  return [
    ...plain,
    ...joinedExamples(rows, random),
    ...askedExamples(rows, random),
    ...generate('own-attacks', 4000, { isAttack: true, weight: 0.4, make: makeAttack }, random),
    ...generate('own-benign', 9000, { isAttack: false, weight: 0.5, make: makeBenign }, random),
    ...generate(
      'own-fragments',
      2500,
      { isAttack: false, weight: 0.5, make: makeFragment },
      random,
    ),
    ...generate(
      'own-questions',
      1500,
      { isAttack: false, weight: 0.4, make: makeQuestion },
      random,
    ),
    ...generate('own-shouts', 500, { isAttack: true, weight: 0.4, make: makeShout }, random),
  ]
}

/** An attack in front of a question, or behind it. */
function joinedExamples(rows: readonly Row[], random: Random): Example[] {
  const benign = rows.filter(({ isAttack, set }) => !isAttack && !DOCUMENT_SETS.includes(set))
  const attacks = rows.filter((row) => row.isAttack && isPromptAttack(row) && row.text.length < 600)
  return Array.from({ length: 4000 }, (): Example => {
    const part = random.pick(PARTS)
    const attack = random.happens(0.5)
      ? makeAttack(random)
      : random.pick(attacks.filter((row) => row.part === part)).text
    const question = random.pick(benign.filter((row) => row.part === part)).text
    return {
      ...joinedAttack(question, attack, random),
      set: 'joined',
      part,
      isAttack: true,
      weight: 0.5,
    }
  })
}

const REQUESTS = [
  'Summarise this:',
  'What does this say?',
  'Translate the following text:',
  'Read this and answer:',
  'Please reply to this mail.',
  'Find the mistake:',
]

/** A document that a user asks about. */
function askedExamples(rows: readonly Row[], random: Random): Example[] {
  const documents = rows.filter(({ set }) => DOCUMENT_SETS.includes(set))
  return Array.from({ length: 800 }, (): Example => {
    const part = random.pick(PARTS)
    const document = random.happens(0.4)
      ? makeDocument(random)
      : random.pick(documents.filter((row) => row.part === part)).text
    const text = `${random.pick(REQUESTS)}\n${document}`
    return { set: 'with-document', part, text, isAttack: false, weight: 0.5 }
  })
}

function joinedAttack(
  question: string,
  attack: string,
  random: Random,
): Pick<Example, 'text' | 'focus'> {
  const gap = random.pick([' ', ' ', '\n', '. ', ' - '])
  if (random.happens(0.25))
    return { text: attack + gap + question, focus: { start: 0, end: attack.length } }
  const start = question.length + gap.length
  return { text: question + gap + attack, focus: { start, end: start + attack.length } }
}

export function documentExamples(rows: readonly Row[], random: Random): Example[] {
  const carriers = rows.filter(({ set }) => DOCUMENT_SETS.includes(set))
  const clean = carriers.map((row): Example => ({
    ...row,
    weight: row.set === 'bipia-table' ? 0.7 : 2,
  }))
  const planted = Array.from({ length: 14000 }, (): Example => {
    const part = random.pick(PARTS)
    const { set, text } = plantedText(rows, part, random)
    const carrier = random.happens(0.45)
      ? makeDocument(random)
      : random.pick(carriers.filter((row) => row.part === part)).text
    return { ...plant(carrier, text, random), set, part, isAttack: true, weight: 0.5 }
  })
  const bare = rows
    .filter(({ isAttack, text }) => isAttack && text.length < 1500)
    .map((row): Example => ({ ...row, weight: 1 }))
  return [
    ...clean,
    ...planted,
    ...bare,
    ...generate(
      'own-fragments',
      2500,
      { isAttack: false, weight: 0.5, make: makeFragment },
      random,
    ),
    ...generate(
      'own-documents',
      9000,
      { isAttack: false, weight: 0.7, make: makeDocument },
      random,
    ),
    ...generate('bare-orders', 1200, { isAttack: true, weight: 0.4, make: makePlain }, random),
    ...generate('bare-answers', 500, { isAttack: true, weight: 0.4, make: makeAnswer }, random),
  ]
}

/** What is planted: from the data of this part, or made up. */
function plantedText(
  rows: readonly Row[],
  part: Part,
  random: Random,
): { set: string; text: string } {
  const from = (set: (row: Row) => boolean) =>
    random.pick(rows.filter((row) => row.part === part && row.text.length < 700 && set(row))).text
  const roll = random.next()
  if (roll < 0.28) return { set: 'planted-orders', text: makePlain(random) }
  if (roll < 0.38) return { set: 'planted-shouts', text: makeShout(random) }
  if (roll < 0.5) return { set: 'planted-answers', text: makeAnswer(random) }
  if (roll < 0.58) return { set: 'planted-questions', text: makeQuestion(random) }
  if (roll < 0.68) return { set: 'planted-attacks', text: makeAttack(random) }
  if (roll < 0.88) return { set: 'planted-bipia', text: from(({ set }) => set === 'bipia-attacks') }
  if (roll < 0.96)
    return {
      set: 'planted-requests',
      text: from((row) => !row.isAttack && ['fuzzyai', 'fastchat'].includes(row.set)),
    }
  return { set: 'planted-rows', text: from((row) => row.isAttack && row.set !== 'bipia-attacks') }
}

/** A value of JSON is replaced, or the text is put between two sentences, lines or cells. */
function plant(carrier: string, attack: string, random: Random): Pick<Example, 'text' | 'focus'> {
  const value =
    /((?:"|')(?:text|content|body|review|comment|message|note|description)(?:"|'): ["'])([^"']*)/.exec(
      carrier,
    )
  if (value !== null) {
    const start = value.index + (value[1] ?? '').length
    const kept = random.happens(0.5) ? `${value[2] ?? ''} ` : ''
    const text =
      carrier.slice(0, start) + kept + attack + carrier.slice(start + (value[2] ?? '').length)
    return { text, focus: { start: start + kept.length, end: start + kept.length + attack.length } }
  }
  const place = random.pick(['first', 'middle', 'last', 'last'])
  const gap = random.pick([' ', '\n', '\n\n'])
  if (place === 'first')
    return { text: attack + gap + carrier, focus: { start: 0, end: attack.length } }
  let at = carrier.length
  if (place === 'middle') {
    const breaks = [...carrier.matchAll(/[.!?]\s|\n/g)].map((found) => found.index + 1)
    if (breaks.length > 0) at = random.pick(breaks)
  }
  const start = at + gap.length
  return {
    text:
      carrier.slice(0, at) + gap + attack + (at < carrier.length ? gap : '') + carrier.slice(at),
    focus: { start, end: start + attack.length },
  }
}

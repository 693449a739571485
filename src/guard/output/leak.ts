/**
 * The operator's system prompt, told from an answer that says it.
 *
 * Five words in a row that stand in the prompt (a shingle) are a match, and what goes on with the
 * prompt from there goes too. Words are compared as fold.ts folds them, so that case, accents,
 * punctuation, spacing and what nobody sees do not matter; the same is looked for in ROT13, backwards,
 * and in base64 (each alignment) and hex, there by 24 and 32 characters in a row.
 *
 * What it does not give: the prompt in other words, or translated; of its first five words those that
 * were said before the shingle was sure of itself by a word that is not common; and more than the
 * first 64 KiB of it.
 *
 * @packageDocumentation
 */
import type { Detector } from './detector.ts'
import { alignedBase64, reverse, rotate } from './encodings.ts'
import { LOOSE } from './fold.ts'
import { needleDetector, needlesOf } from './known-secrets.ts'
import { NeedleIndex, type Needle } from './needle-index.ts'

const SHINGLE_WORDS = 5
const MIN_SHINGLE_LETTERS = 12
const MAX_SHINGLE_LETTERS = 96
/** Of a prompt that has no five words. */
const MIN_WHOLE_LETTERS = 8
const MAX_PROMPT_CHARS = 65_536

/** A word of a language that sets none apart is cut into pieces. */
const LONGEST_WORD = 16
const PIECE_LETTERS = 3

/**
 * Words that say nothing about a prompt. Five of them in a row are in many answers and in many
 * prompts: they begin no match, though they go with one.
 */
const COMMON = new Set(
  foldWords(
    `a about above according accurate after all also always am an and answer answers any are ask asked
    asks assistant at based be because been before below best better between brief but by can careful clear
    concise could did do does ensure every everything few first following for from get give good
    guidelines had has have help helpful honest how i if in information into instructions is it its
    keep know let like long make many may me might more most must my necessary need never no not now
    of on one only or other our out over please polite possible provide question questions reply
    respond response responses rules see should so some step such sure task tell text than thank that
    the their them then there these they thing things this those to too try two up us use used user
    users using very want was way we well were what when where which while who why will with within
    without word words work would write you your yours yourself ai chatbot friendly harmless language
    model`,
  ),
)

export function promptDetector(prompt: string): Detector {
  return needleDetector(new NeedleIndex(promptNeedles(prompt.slice(0, MAX_PROMPT_CHARS))), {
    code: 'output.prompt-leak',
    class: 'prompt-leak',
    example: 'five words of the prompt',
    reason: 'what the operator tells the model is not for the client',
  })
}

export function canaryDetector(canary: string): Detector {
  return needleDetector(new NeedleIndex(needlesOf(canary)), {
    code: 'output.prompt-leak.canary',
    class: 'prompt-leak',
    example: canary,
    reason: 'nobody says it but who repeats the prompt',
  })
}

function promptNeedles(prompt: string): Needle[] {
  const words = foldWords(prompt)
  return [
    ...shinglesOf(words),
    ...shinglesOf(foldWords(rotate(prompt, 13)), words),
    ...shinglesOf(words.map(reverse).reverse()),
    ...alignedBase64(Buffer.from(prompt)).flatMap((text) => fragmentsOf(text, BASE64)),
    ...fragmentsOf(Buffer.from(prompt).toString('hex'), HEX),
  ]
}

function foldWords(text: string): string[] {
  return text
    .split(/\s+/)
    .map((word) => LOOSE.text(word))
    .filter((word) => word !== '')
    .flatMap((word) => (word.length > LONGEST_WORD ? piecesOf(word) : [word]))
}

function piecesOf(word: string): string[] {
  const count = Math.ceil(word.length / PIECE_LETTERS)
  return Array.from({ length: count }, (_, i) =>
    word.slice(i * PIECE_LETTERS, (i + 1) * PIECE_LETTERS),
  )
}

/** @param plain - The words as they are read, when `words` spell them in another way. */
function shinglesOf(words: readonly string[], plain: readonly string[] = words): Needle[] {
  const letters = words.join('')
  const shingles: Needle[] = []
  let from = 0
  for (const [i, word] of words.entries()) {
    const need = shingleLetters(words, i)
    const says = plain.slice(i, i + SHINGLE_WORDS)
    if (need > 0 && !says.every((one) => isCommon(one))) {
      shingles.push({ letters, from, need, to: letters.length })
    }
    from += word.length
  }
  if (shingles.length > 0 || letters.length < MIN_WHOLE_LETTERS) return shingles
  const need = Math.min(letters.length, MAX_SHINGLE_LETTERS)
  return [{ letters, from: 0, need, to: letters.length }]
}

/** Backwards too. */
function isCommon(word: string): boolean {
  return COMMON.has(word) || COMMON.has(reverse(word))
}

/** How many letters from a word on make five words, and enough of them; 0 when the prompt ends before. */
function shingleLetters(words: readonly string[], at: number): number {
  let letters = 0
  for (let i = at; i < words.length; i++) {
    letters += words[i]?.length ?? 0
    const isEnough = i - at + 1 >= SHINGLE_WORDS && letters >= MIN_SHINGLE_LETTERS
    if (isEnough || letters >= MAX_SHINGLE_LETTERS) return Math.min(letters, MAX_SHINGLE_LETTERS)
  }
  return 0
}

/** Where a piece of an encoded text is looked for: every `step` characters of it, `need` of them. */
interface Fragments {
  readonly step: number
  readonly need: number
}

const BASE64: Fragments = { step: 8, need: 24 }
const HEX: Fragments = { step: 16, need: 32 }

function fragmentsOf(text: string, { step, need }: Fragments): Needle[] {
  const letters = LOOSE.text(text)
  if (letters.length < MIN_WHOLE_LETTERS) return []
  const places = Math.max(1, Math.ceil((letters.length - need) / step))
  return Array.from({ length: places }, (_, i) => ({
    letters,
    from: i * step,
    need: Math.min(need, letters.length),
    to: letters.length,
  }))
}

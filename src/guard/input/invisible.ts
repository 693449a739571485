/**
 * Takes out what a person cannot see, and leaves what honest writing needs.
 *
 * Out: tag characters, zero-width characters, bidirectional controls, stray variation selectors,
 * control characters, fillers. Kept: joiners between emoji and between letters of scripts that
 * join, one variation selector after a base that takes one, the three flags made of tags.
 * What it does not do: homoglyphs (lookalike.ts), what the hidden text says (hidden.ts).
 *
 * Sources: Unicode 16 chapter 23; UTS 51 (emoji sequences); UAX 9 (bidi controls).
 *
 * @packageDocumentation
 */
import type { TracedText } from './traced-text.ts'

/** Row of the code `input.invisible.<row>`. */
export type HiddenKind = 'control' | 'tags' | 'bidi' | 'variation' | 'zero-width'

/** Most texts. */
const PRINTABLE = /^[\t\n\r -~\u00a0-\u00ac\u00ae-\u02ff]*$/

/** First row that matches names the kind; `zero-width` is what is left of the suspects. */
const KINDS: readonly { kind: HiddenKind; pattern: RegExp; reason: string }[] = [
  { kind: 'control', pattern: /^\p{Cc}$/u, reason: 'terminals obey them, readers do not see them' },
  {
    kind: 'tags',
    pattern: /^[\u{E0000}-\u{E007F}]$/u,
    reason: 'a whole hidden ASCII alphabet; models read it',
  },
  {
    kind: 'bidi',
    pattern: /^[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]$/u,
    reason: 'the order shown is not the order read',
  },
  {
    kind: 'variation',
    pattern: /^[\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u180B-\u180D\u180F]$/u,
    reason: '256 of them carry any bytes after one letter',
  },
]

/**
 * Whatever a renderer shows as nothing: also code points that are not assigned yet, because models
 * read those too. Let through: format characters that print something, the number signs of Arabic,
 * Syriac and Kaithi.
 */
const SUSPECT =
  /(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}\t\n\r])[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu

// Their own selectors and marks that nobody sees belong to these scripts too, and take no joiner.
const JOINING_LETTER =
  /(?!\p{Default_Ignorable_Code_Point})[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/u
/** An emoji may end in a skin tone, in the emoji selector, or in the mark of a keycap. */
const EMOJI_END = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})\uFE0F?$/u
const EMOJI_START = /^\p{Extended_Pictographic}/u
const EMOJI_BASE = /\p{Emoji}$/u
const HAN = /\p{Script=Han}$/u
const MONGOLIAN = /(?!\p{Default_Ignorable_Code_Point})\p{Script=Mongolian}$/u
/** England, Scotland and Wales: the only tag sequences that Unicode recommends (RGI). */
const TAG_FLAG =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu
/** Longest piece in front that a rule looks at: a skin-toned emoji and its selector. */
const BEFORE_UNITS = 8

/** Characters that nobody sees and that stand in a row, as places in the text given. */
export interface HiddenRun {
  readonly kind: HiddenKind
  readonly start: number
  readonly end: number
  readonly characters: string
}

export interface Uncovered {
  /** The text without it. */
  readonly clean: TracedText
  readonly runs: readonly HiddenRun[]
}

export function uncover(given: TracedText): Uncovered {
  const { text } = given
  if (PRINTABLE.test(text)) return { clean: given, runs: [] }
  const flags = [...text.matchAll(TAG_FLAG)].map((m) => ({
    start: m.index,
    end: m.index + m[0].length,
  }))
  const runs: Run[] = []
  // Both go forward through the text, so the flags are walked once, however many there are.
  let flag = 0
  const clean = given.rewrite(SUSPECT, (character, at) => {
    while ((flags[flag]?.end ?? Infinity) <= at) flag++
    if (at >= (flags[flag]?.start ?? Infinity)) return character
    const before = text.slice(Math.max(0, at - BEFORE_UNITS), at)
    if (isNeeded(character, before, text.slice(at + character.length, at + BEFORE_UNITS))) {
      return character
    }
    addTo(runs, character, at)
    return ''
  })
  return { clean, runs: runs.map((run) => placed(run, given)) }
}

interface Run {
  readonly kind: HiddenKind
  readonly at: number
  readonly characters: string[]
  end: number
}

function addTo(runs: Run[], character: string, at: number): void {
  const kind = kindOf(character)
  const last = runs.at(-1)
  if (last?.kind === kind && last.end === at) {
    last.characters.push(character)
    last.end += character.length
  } else {
    runs.push({ kind, at, characters: [character], end: at + character.length })
  }
}

function placed({ kind, at, end, characters }: Run, given: TracedText): HiddenRun {
  return { kind, start: given.startOf(at), end: given.endOf(end), characters: characters.join('') }
}

function kindOf(character: string): HiddenKind {
  return KINDS.find(({ pattern }) => pattern.test(character))?.kind ?? 'zero-width'
}

function isNeeded(character: string, before: string, after: string): boolean {
  switch (character) {
    case '\u200D': // zero width joiner
      return JOINING_LETTER.test(before) || (EMOJI_END.test(before) && EMOJI_START.test(after))
    case '\u200C': // zero width non-joiner
      return JOINING_LETTER.test(before)
    case '\uFE0E':
    case '\uFE0F': // text and emoji presentation
      return EMOJI_BASE.test(before)
    case '\u180B':
    case '\u180C':
    case '\u180D':
    case '\u180F': // Mongolian letter forms
      return MONGOLIAN.test(before)
    default:
      // Ideographic variation: Japanese names are written with it.
      return /^[\u{E0100}-\u{E01EF}]$/u.test(character) && HAN.test(before)
  }
}

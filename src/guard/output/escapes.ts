/**
 * Characters that are written as something else: `%41`, `\x41`, `A`, `&#65;`, `=41`.
 *
 * What it gives: the character at a place, with the length of its spelling; the text may end within
 * one, and then nobody can tell. What it does not give: what an escaped escape means (`%2541`).
 *
 * @packageDocumentation
 */
export type Escape =
  | { readonly is: 'none' }
  | { readonly is: 'more' }
  | { readonly is: 'yes'; readonly text: string; readonly to: number }

interface EscapeForm {
  readonly name: string
  readonly sign: string
  /** Whole spelling, from the sign on. */
  readonly whole: RegExp
  /** What may still become one. */
  readonly begun: RegExp
  readonly codeOf: (match: RegExpExecArray) => number
}

const HEX = 16
const OCTAL = 8
const DECIMAL = 10
const number = (base: number) => (match: RegExpExecArray) => Number.parseInt(match[1] ?? '', base)

const NAMED: Readonly<Record<string, number>> = { amp: 38, lt: 60, gt: 62, quot: 34, apos: 39 }

const FORMS: readonly EscapeForm[] = [
  {
    name: 'URL',
    sign: '%',
    whole: /^%([0-9A-Fa-f]{2})/,
    begun: /^%[0-9A-Fa-f]?$/,
    codeOf: number(HEX),
  },
  {
    name: 'quoted-printable',
    sign: '=',
    whole: /^=([0-9A-Fa-f]{2})/,
    begun: /^=[0-9A-Fa-f]?$/,
    codeOf: number(HEX),
  },
  {
    name: 'JSON',
    sign: '\\',
    whole: /^\\u([0-9A-Fa-f]{4})/,
    begun: /^\\(?:u[0-9A-Fa-f]{0,3})?$/,
    codeOf: number(HEX),
  },
  {
    name: 'JavaScript',
    sign: '\\',
    whole: /^\\u\{([0-9A-Fa-f]{1,6})\}/,
    begun: /^\\(?:u(?:\{[0-9A-Fa-f]{0,6})?)?$/,
    codeOf: number(HEX),
  },
  {
    name: 'C',
    sign: '\\',
    whole: /^\\x([0-9A-Fa-f]{2})/,
    begun: /^\\(?:x[0-9A-Fa-f]?)?$/,
    codeOf: number(HEX),
  },
  {
    name: 'C, octal',
    sign: '\\',
    whole: /^\\([0-3][0-7]{2})/,
    begun: /^\\(?:[0-3][0-7]?)?$/,
    codeOf: number(OCTAL),
  },
  {
    name: 'line breaks and tabs',
    sign: '\\',
    whole: /^\\[nrt]/,
    begun: /^\\$/,
    codeOf: () => 0x0a,
  },
  {
    name: 'HTML, hexadecimal',
    sign: '&',
    whole: /^&#[xX]([0-9A-Fa-f]{1,6});?/,
    begun: /^&(?:#(?:[xX][0-9A-Fa-f]{0,6})?)?$/,
    codeOf: number(HEX),
  },
  {
    name: 'HTML, decimal',
    sign: '&',
    whole: /^&#([0-9]{1,7});?/,
    begun: /^&(?:#[0-9]{0,7})?$/,
    codeOf: number(DECIMAL),
  },
  {
    name: 'HTML, by name',
    sign: '&',
    whole: /^&(amp|lt|gt|quot|apos);/,
    begun: /^&[a-z]{0,4}$/,
    codeOf: (match) => NAMED[match[1] ?? ''] ?? 0,
  },
]

/** Of the longest: `&#x10FFFF;`. */
export const MAX_ESCAPE_CHARS = 10

/** Where an escape can begin. */
export function isEscapeSign(unit: number): boolean {
  return unit === 0x25 || unit === 0x5c || unit === 0x26 || unit === 0x3d
}

export function escapeAt(text: string, at: number, isEnd: boolean): Escape {
  const known = text.slice(at, at + MAX_ESCAPE_CHARS + 1)
  const forms = FORMS.filter(({ sign }) => sign === known.charAt(0))
  // A digit more may belong to it.
  if (!isEnd && forms.some(({ begun }) => begun.test(known))) return { is: 'more' }
  for (const form of forms) {
    const match = form.whole.exec(known)
    if (match === null) continue
    return { is: 'yes', text: charactersOf(form.codeOf(match)), to: at + match[0].length }
  }
  return { is: 'none' }
}

/** A byte is a character here: who looks for more than ASCII looks for its bytes as characters too. */
function charactersOf(code: number): string {
  return code > 0x10ffff ? '' : String.fromCodePoint(code)
}

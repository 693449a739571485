/**
 * What a terminal takes for orders: escape sequences, and controls that rewrite what stands there.
 *
 * What it gives: no ESC and no control character but tab and line feed leaves. A sequence whose end
 * is near goes whole; of a longer one its introducer goes, and the rest is plain text then. What it
 * does not give: `\\033[31m` spelled out, which is text.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look, type Rest } from './detector.ts'

/** ECMA-48 and xterm. */
const MAX_PARAMETERS = 64
const MAX_STRING = 256

interface Sequence {
  readonly name: string
  readonly whole: RegExp
  /** What may still become one. */
  readonly begun: RegExp
  readonly then?: Rest
  readonly reason: string
}

const ESC = '\\x1b'
const CONTROL_SEQUENCE = `(?:\\x1b\\[|\\x9b)[0-?]{0,${MAX_PARAMETERS}}[ -/]{0,4}`
const CONTROL_STRING = '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])'
/** All but tab, line feed, carriage return and ESC. */
const CONTROL = new RegExp(`^(?![\\t\\n\\r${ESC}])\\p{Cc}`, 'u')
const STRING_BODY = `[^\\x07\\x1b\\x9c\\n]{0,${MAX_STRING}}`

/** In the order in which they are tried. */
const SEQUENCES: readonly Sequence[] = [
  {
    name: 'string',
    whole: new RegExp(`^${CONTROL_STRING}${STRING_BODY}(?:\\x07|\\x1b\\\\|\\x9c)`),
    begun: new RegExp(`^(?:\\x1b|${CONTROL_STRING}${STRING_BODY}\\x1b?)$`),
    reason:
      'OSC 52 writes the clipboard, OSC 8 hides where a link leads, others set titles and keys',
  },
  {
    name: 'sequence',
    whole: new RegExp(`^${CONTROL_SEQUENCE}[@-~]`),
    begun: new RegExp(`^(?:\\x1b|${CONTROL_SEQUENCE})$`),
    reason: 'moves the cursor over what was said, hides and recolours it',
  },
  {
    name: 'escape',
    whole: new RegExp(`^${ESC}[ -/]{0,4}[0-~]?`),
    begun: new RegExp(`^${ESC}[ -/]{0,4}$`),
    reason: 'resets and switches character sets',
  },
  {
    name: 'return',
    whole: /^\r(?!\n)/,
    begun: /^\r$/,
    reason: 'without a line feed it writes over the line',
  },
  {
    name: 'control',
    whole: CONTROL,
    begun: /^$/,
    then: { while: CONTROL },
    reason: 'bell, backspace, and controls that no text needs',
  },
]

const LONGEST = MAX_STRING + 4

function look(text: string, at: number, _before: string, isEnd: boolean): Look {
  const known = text.slice(at, at + LONGEST)
  if (!isEnd && at + LONGEST > text.length && SEQUENCES.some(({ begun }) => begun.test(known))) {
    return MORE
  }
  for (const { name, whole, then } of SEQUENCES) {
    const match = whole.exec(known)
    if (match === null) continue
    const found = { end: at + match[0].length, code: `output.terminal.${name}` }
    return { is: 'yes', ...found, ...(then && { then }) }
  }
  return NO
}

export const TERMINAL_DETECTORS: readonly Detector[] = [
  {
    code: 'output.terminal',
    class: 'terminal',
    maxHoldBackChars: LONGEST,
    example: '\u001b]52;c;ZXZpbA==\u0007',
    reason: 'OWASP LLM10:2026; an answer in a terminal is bytes that it obeys',
    startsWith: (unit) =>
      (unit < 0x20 && unit !== 0x09 && unit !== 0x0a) || (unit >= 0x7f && unit <= 0x9f),
    look,
  },
]

/**
 * The redactor for an answer that is JSON: it reads the document, judges each string as what it
 * means (escapes undone), and writes the mask so that the document stays JSON.
 *
 * ```
 * {"note":"to ada\u0040example.org"}   →   {"note":"to [EMAIL]"}
 * ```
 *
 * What it gives: the same output for every cut of the input; text that is not JSON never leaves. A
 * mask that the place does not take (mask-place.ts) blocks the document, as a match whose action is
 * stop does: what went before is out, and nothing more comes. What it does not give: a match that goes on from one string to the next.
 *
 * @packageDocumentation
 */
import type { Finding } from '../finding.ts'
import { JsonSyntax, notJson } from './json-syntax.ts'
import type { MaskPlace } from './mask-place.ts'
import type { Piece } from './piece.ts'
import type { Redactor } from './redactor.ts'

export interface JsonRedactor {
  /** @throws Fault `ENGINE_BUG` when it is not JSON. */
  readonly push: (text: string) => readonly Piece[]
  /** @returns the rest of a document that may be cut. */
  readonly end: () => readonly Piece[]
  readonly findings: () => readonly Finding[]
  readonly state: () => 'open' | 'whole' | 'blocked'
}

type StringRedactor = Pick<Redactor, 'push' | 'end' | 'findings' | 'state'>

/** @param inner - For the strings; used by nobody else. */
export function createJsonRedactor(inner: StringRedactor, root: MaskPlace): JsonRedactor {
  const stream = new JsonStream(inner, root)
  return {
    push: (text) => stream.push(text),
    end: () => stream.end(),
    findings: () => inner.findings(),
    state: () => stream.state,
  }
}

/** A string or a literal that has begun. */
interface Token {
  readonly is: 'name' | 'string' | 'literal'
  readonly place: MaskPlace
  /** Of a name and a literal: all of it, decoded. */
  text: string
  hasLeft: boolean
  isMasked: boolean
}

const LITERAL = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/
const MAX_LITERAL_CHARS = 4096
const LITERAL_UNIT = /[-+.0-9A-Za-z]/
const SPACE = /[ \t\n\r]/
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class JsonStream {
  readonly #inner: StringRedactor
  readonly #syntax: JsonSyntax
  #token: Token | null = null
  /** The escape that has begun, with its backslash. */
  #escape = ''
  /** Decoded units that the inner redactor has not seen yet. */
  #unseen = ''
  /** How each unit was spelled that has not come out of it yet. */
  #spellings: string[] = []
  #out: Piece[] = []
  #isBlocked = false

  constructor(inner: StringRedactor, root: MaskPlace) {
    this.#inner = inner
    this.#syntax = new JsonSyntax(root)
  }

  get state(): 'open' | 'whole' | 'blocked' {
    if (this.#isBlocked) return 'blocked'
    return this.#syntax.isWhole ? 'whole' : 'open'
  }

  push(text: string): Piece[] {
    for (let at = 0; at < text.length && !this.#isBlocked; at++) this.#take(text.charAt(at))
    this.#judge()
    return this.#takeOut()
  }

  end(): Piece[] {
    // A number at the top has no other end.
    if (this.#token?.is === 'literal' && LITERAL.test(this.#token.text)) this.#endLiteral()
    else if (this.#token !== null) this.#judgeRest()
    // An escape that was cut is no text: nobody can judge it.
    if (this.#escape !== '') this.#add('masked', '', this.#escape.length)
    this.#escape = ''
    return this.#takeOut()
  }

  #takeOut(): Piece[] {
    const out = this.#out
    this.#out = []
    return out
  }

  #take(unit: string): void {
    if (this.#token === null) this.#takeBetween(unit)
    else if (this.#token.is === 'literal') this.#takeLiteral(this.#token, unit)
    else this.#takeString(this.#token, unit)
  }

  #takeBetween(unit: string): void {
    const { isAtName, place } = this.#syntax
    if (unit === '"') {
      if (!isAtName) this.#syntax.assertValue()
      this.#begin(isAtName ? 'name' : 'string', place)
      this.#add('clear', unit, 1)
    } else if (/[-0-9tfn]/.test(unit)) {
      this.#syntax.assertValue()
      this.#takeLiteral(this.#begin('literal', place), unit)
    } else {
      if (!SPACE.test(unit)) this.#syntax.sign(unit)
      this.#add('clear', unit, 1)
    }
  }

  #begin(is: Token['is'], place: MaskPlace): Token {
    return (this.#token = { is, place, text: '', hasLeft: false, isMasked: false })
  }

  #takeLiteral(token: Token, unit: string): void {
    if (!LITERAL_UNIT.test(unit)) {
      this.#endLiteral()
      if (!this.#isBlocked) this.#takeBetween(unit)
      return
    }
    token.text += unit
    if (token.text.length > MAX_LITERAL_CHARS) throw notJson()
    this.#hold(unit, unit)
  }

  #endLiteral(): void {
    if (!LITERAL.test(this.#token?.text ?? '')) throw notJson()
    this.#judgeRest()
    this.#syntax.value()
    this.#token = null
  }

  #takeString(token: Token, unit: string): void {
    if (this.#escape !== '') this.#takeEscape(unit)
    else if (unit === '\\') this.#escape = unit
    else if (unit === '"') this.#endString(token)
    else if (unit < ' ') throw notJson()
    else this.#hold(unit, unit)
  }

  #endString(token: Token): void {
    this.#judgeRest()
    if (this.#isBlocked) return
    if (token.is === 'name') this.#syntax.name(token.text)
    else this.#syntax.value()
    this.#token = null
    this.#add('clear', '"', 1)
  }

  #takeEscape(unit: string): void {
    this.#escape += unit
    const [, kind = '', ...digits] = this.#escape
    if (kind !== 'u') {
      const meant = ESCAPED[kind]
      if (meant === undefined) throw notJson()
      this.#endEscape(meant)
    } else if (digits.length > 0 && !/[0-9A-Fa-f]/.test(unit)) throw notJson()
    else if (digits.length === 4) {
      this.#endEscape(String.fromCharCode(Number.parseInt(digits.join(''), 16)))
    }
  }

  #endEscape(meant: string): void {
    this.#hold(meant, this.#escape)
    this.#escape = ''
  }

  #hold(meant: string, spelling: string): void {
    if (this.#token?.is === 'name') this.#token.text += meant
    this.#unseen += meant
    this.#spellings.push(spelling)
  }

  #judge(): void {
    if (this.#unseen === '') return
    const unseen = this.#unseen
    this.#unseen = ''
    this.#relay(this.#inner.push(unseen))
  }

  #judgeRest(): void {
    this.#judge()
    this.#relay(this.#inner.end())
  }

  #relay(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const spelling = this.#spellings.splice(0, piece.sourceChars).join('')
      if (this.#isBlocked || this.#token === null) return
      if (piece.is === 'masked') this.#mask(this.#token, piece.text, spelling.length)
      else this.#clear(this.#token, spelling)
    }
    if (this.#inner.state() === 'blocked') this.#isBlocked = true
  }

  #clear(token: Token, spelling: string): void {
    // The rest of a number whose digits were masked is no number by itself.
    if (token.is === 'literal' && token.isMasked) this.#add('masked', '', spelling.length)
    else this.#add('clear', spelling, spelling.length)
    token.hasLeft = true
  }

  #mask(token: Token, mask: string, sourceChars: number): void {
    const { takesMask, takesMaskedNames, takesText } = token.place
    const isLiteral = token.is === 'literal'
    const isTaken = token.is === 'name' ? takesMaskedNames : takesMask
    if (isLiteral && token.isMasked) this.#add('masked', '', sourceChars)
    else if (isLiteral ? !takesText || token.hasLeft : !isTaken) this.#isBlocked = true
    else this.#add('masked', isLiteral ? `"${mask}"` : mask, sourceChars)
    token.isMasked = true
  }

  #add(is: Piece['is'], text: string, sourceChars: number): void {
    const last = this.#out.at(-1)
    if (is === 'clear' && last?.is === 'clear') {
      const joined = { is, text: last.text + text, sourceChars: last.sourceChars + sourceChars }
      this.#out[this.#out.length - 1] = joined
    } else this.#out.push({ is, text, sourceChars })
  }
}

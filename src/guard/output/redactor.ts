/**
 * The streaming redactor: model text in, text that may leave out.
 *
 * What it gives: the same output for every cut of the input, in linear time; a character is held
 * back only while a match that includes it is still possible, and never more than
 * `maxHoldBackChars` of them. Each piece says how much of the input it stands for, so that whatever
 * belongs to the text (its tokens, its place in JSON) can follow it. What it does not give: meaning;
 * it knows forms only.
 *
 * Why it holds: a place is decided once, by detectors in the order of their table, and a detector
 * decides only what no later character can change (detector.ts).
 *
 * @packageDocumentation
 */
import { OUTPUT_CLASSES } from '../classes.ts'
import { Tally, type Finding } from '../finding.ts'
import { CARD } from './personal/card.ts'
import type { Detector, Look, Rest } from './detector.ts'
import { EMAIL } from './personal/email.ts'
import { SECRETS } from './secrets.ts'

export interface OutputPolicy {
  readonly email: 'mask' | 'off'
  readonly card: 'mask' | 'off'
  readonly keys: 'mask' | 'off'
}

/** What may be sent, in order. The pieces of a text cover all of it. */
export interface Piece {
  /** `masked`: the mask, or nothing where a mask goes on. */
  readonly is: 'clear' | 'masked'
  readonly text: string
  /** UTF-16 units of the input that it stands for. */
  readonly sourceChars: number
}

export interface Redactor {
  /** @returns what may be sent now; the rest is held back until it can be judged. */
  readonly push: (text: string, tokenChars?: readonly number[]) => readonly Piece[]
  /**
   * @returns the rest, judged as if nothing came after it; for a text that goes on later, behind a
   *   line break. A block whose end has not been seen stays masked.
   */
  readonly pause: () => readonly Piece[]
  /** @returns the rest, redacted. What is pushed afterwards is another text. */
  readonly end: () => readonly Piece[]
  /** Of all texts so far. */
  readonly findings: () => Finding[]
  readonly maxHoldBackChars: number
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('')
}

/** In the order in which they decide: a secret is named as one even where it looks like a name. */
export function detectorsOf(policy: OutputPolicy): readonly Detector[] {
  return [
    ...(policy.keys === 'mask' ? SECRETS : []),
    ...(policy.card === 'mask' ? [CARD] : []),
    ...(policy.email === 'mask' ? [EMAIL] : []),
  ]
}

export function createRedactor(policy: OutputPolicy): Redactor {
  const stream = new RedactingStream(tableOf(policy))
  return {
    push: (text) => stream.take(text, 'more'),
    pause: () => stream.take('', 'pause'),
    end: () => stream.take('', 'end'),
    findings: () => stream.tally.findings(),
    maxHoldBackChars: stream.maxHoldBackChars,
  }
}

const ASCII = 128

interface DetectorTable {
  readonly detectors: readonly Detector[]
  /** By first unit, so that most characters of most texts ask nobody. */
  readonly byUnit: readonly (readonly number[])[]
  readonly beyondAscii: readonly number[]
  readonly maxHoldBackChars: number
}

/** An answer has a redactor for each of its texts, and all of them ask the same detectors. */
const TABLES = new WeakMap<OutputPolicy, DetectorTable>()

function tableOf(policy: OutputPolicy): DetectorTable {
  const known = TABLES.get(policy)
  if (known !== undefined) return known
  const detectors = detectorsOf(policy)
  const askedFor = (unit: number) =>
    detectors.flatMap((detector, index) => (detector.startsWith(unit) ? [index] : []))
  const table = {
    detectors,
    byUnit: Array.from({ length: ASCII }, (_, unit) => askedFor(unit)),
    beyondAscii: askedFor(ASCII),
    maxHoldBackChars: Math.max(0, ...detectors.map((row) => row.maxHoldBackChars)),
  }
  TABLES.set(policy, table)
  return table
}

type State = 'more' | 'pause' | 'end'

class RedactingStream {
  readonly tally = new Tally()
  readonly #table: DetectorTable
  /** For each detector: how many units from the front of `#held` on it has said no to. */
  #noUntil: number[]
  #held = ''
  #before = ''
  #rest: Rest | undefined

  constructor(table: DetectorTable) {
    this.#table = table
    this.#noUntil = table.detectors.map(() => 0)
  }

  get maxHoldBackChars(): number {
    return this.#table.maxHoldBackChars
  }

  take(text: string, state: State): Piece[] {
    this.#held += text
    const isEnd = state !== 'more'
    const out: Piece[] = []
    let at = 0
    let clean = 0
    while (at < this.#held.length) {
      if (this.#rest !== undefined) {
        const dropped = this.#drop(this.#rest, at, state)
        addPiece(out, 'masked', '', dropped.to - at)
        at = dropped.to
        clean = at
        if (!dropped.isOver) break
        this.#rest = undefined
        continue
      }
      const { look, detector } = this.#lookAt(at, isEnd)
      if (look.is === 'more') break
      if (look.is === 'no' || detector === undefined) {
        this.#before = this.#held.charAt(at++)
        continue
      }
      addPiece(out, 'clear', this.#held.slice(clean, at), at - clean)
      addPiece(out, 'masked', `[${OUTPUT_CLASSES[detector.class].mask}]`, look.end - at)
      this.tally.add(detector.code)
      this.#before = this.#held.charAt(look.end - 1)
      this.#rest = look.then
      at = look.end
      clean = at
    }
    addPiece(out, 'clear', this.#held.slice(clean, at), at - clean)
    this.#forget(at, state)
    return out
  }

  #forget(decided: number, state: State): void {
    this.#held = this.#held.slice(decided)
    this.#noUntil = this.#noUntil.map((until) => Math.max(0, until - decided))
    if (state !== 'end') return
    this.#before = ''
    this.#rest = undefined
  }

  #lookAt(at: number, isEnd: boolean): { look: Look; detector: Detector | undefined } {
    const { byUnit, beyondAscii, detectors } = this.#table
    for (const index of byUnit[this.#held.charCodeAt(at)] ?? beyondAscii) {
      const detector = detectors[index]
      if (detector === undefined || (this.#noUntil[index] ?? 0) > at) continue
      const look = detector.look(this.#held, at, this.#before, isEnd)
      if (look.is !== 'no') return { look, detector }
      if (look.until !== undefined) this.#noUntil[index] = look.until
    }
    return { look: { is: 'no' }, detector: undefined }
  }

  /** How far the rest of a masked match reaches, and whether that is all of it. */
  #drop(rest: Rest, from: number, state: State): { to: number; isOver: boolean } {
    if ('while' in rest) {
      let to = from
      while (to < this.#held.length && rest.while.test(this.#held.charAt(to))) to++
      if (to > from) this.#before = this.#held.charAt(to - 1)
      return { to, isOver: to < this.#held.length || state !== 'more' }
    }
    const match = rest.until.exec(this.#held.slice(from))
    if (match !== null) {
      this.#before = '-'
      return { to: from + match.index + match[0].length, isOver: true }
    }
    if (state !== 'more') return { to: this.#held.length, isOver: state === 'end' }
    // Its end may have begun already.
    return { to: Math.max(from, this.#held.length - rest.untilMaxChars), isOver: false }
  }
}

function addPiece(out: Piece[], is: Piece['is'], text: string, sourceChars: number): void {
  if (sourceChars > 0) out.push({ is, text, sourceChars })
}

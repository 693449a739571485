/**
 * The streaming redactor: model text in, text that may leave out.
 *
 * What it gives: the same output for every cut of the input, in linear time; a character is held
 * back only while a match that includes it is still possible, and never more than
 * `maxHoldBackChars` of them. What it does not give: meaning; it knows forms only.
 *
 * Why it holds: a place is decided once, by detectors in the order of their table, and a detector
 * decides only what no later character can change (detector.ts).
 *
 * @packageDocumentation
 */
import { Tally, type Finding } from '../finding.ts'
import { CARD } from './card.ts'
import type { Detector, Look, Rest } from './detector.ts'
import { EMAIL } from './email.ts'
import { SECRETS } from './secrets.ts'

export interface OutputPolicy {
  readonly email: 'mask' | 'off'
  readonly card: 'mask' | 'off'
  readonly keys: 'mask' | 'off'
}

export interface Redactor {
  /** @returns what may be sent now; the rest is held back until it can be judged. */
  readonly push: (text: string, tokenChars?: readonly number[]) => string
  /** @returns the rest, redacted. Nothing may be pushed afterwards. */
  readonly end: () => string
  readonly findings: () => Finding[]
  readonly maxHoldBackChars: number
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
  const stream = new RedactingStream(detectorsOf(policy))
  return {
    push: (text) => stream.take(text, 'more'),
    end: () => stream.take('', 'end'),
    findings: () => stream.tally.findings(),
    maxHoldBackChars: stream.maxHoldBackChars,
  }
}

const ASCII = 128

class RedactingStream {
  readonly tally = new Tally()
  readonly maxHoldBackChars: number
  readonly #detectors: readonly Detector[]
  /** By first unit, so that most characters of most texts ask nobody. */
  readonly #byUnit: readonly (readonly number[])[]
  readonly #beyondAscii: readonly number[]
  /** For each detector: how many units from the front of `#held` on it has said no to. */
  #noUntil: number[]
  #held = ''
  #before = ''
  #rest: Rest | undefined

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors
    const askedFor = (unit: number) =>
      detectors.flatMap((detector, index) => (detector.startsWith(unit) ? [index] : []))
    this.#byUnit = Array.from({ length: ASCII }, (_, unit) => askedFor(unit))
    this.#beyondAscii = askedFor(ASCII)
    this.#noUntil = detectors.map(() => 0)
    this.maxHoldBackChars = Math.max(0, ...detectors.map((row) => row.maxHoldBackChars))
  }

  take(text: string, state: 'more' | 'end'): string {
    this.#held += text
    const isEnd = state === 'end'
    let out = ''
    let at = 0
    let clean = 0
    while (at < this.#held.length) {
      if (this.#rest !== undefined) {
        const dropped = this.#drop(this.#rest, at, isEnd)
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
      out += this.#held.slice(clean, at) + detector.mask
      this.tally.add(detector.code)
      this.#before = this.#held.charAt(look.end - 1)
      this.#rest = look.then
      at = look.end
      clean = at
    }
    out += this.#held.slice(clean, at)
    this.#held = this.#held.slice(at)
    this.#noUntil = this.#noUntil.map((until) => Math.max(0, until - at))
    return out
  }

  #lookAt(at: number, isEnd: boolean): { look: Look; detector: Detector | undefined } {
    const asked = this.#byUnit[this.#held.charCodeAt(at)] ?? this.#beyondAscii
    for (const index of asked) {
      const detector = this.#detectors[index]
      if (detector === undefined || (this.#noUntil[index] ?? 0) > at) continue
      const look = detector.look(this.#held, at, this.#before, isEnd)
      if (look.is !== 'no') return { look, detector }
      if (look.until !== undefined) this.#noUntil[index] = look.until
    }
    return { look: { is: 'no' }, detector: undefined }
  }

  /** How far the rest of a masked match reaches, and whether that is all of it. */
  #drop(rest: Rest, from: number, isEnd: boolean): { to: number; isOver: boolean } {
    if ('while' in rest) {
      let to = from
      while (to < this.#held.length && rest.while.test(this.#held.charAt(to))) to++
      if (to > from) this.#before = this.#held.charAt(to - 1)
      return { to, isOver: to < this.#held.length || isEnd }
    }
    const match = rest.until.exec(this.#held.slice(from))
    if (match !== null) {
      this.#before = '-'
      return { to: from + match.index + match[0].length, isOver: true }
    }
    if (isEnd) return { to: this.#held.length, isOver: true }
    // Its end may have begun already.
    return { to: Math.max(from, this.#held.length - rest.untilMaxChars), isOver: false }
  }
}

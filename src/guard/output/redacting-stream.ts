/**
 * The loop of the redactor: one place of the text after the other, each decided once.
 *
 * Why it holds for every cut: what is done at a place depends on what was decided in front of it and
 * on what detectors say, and they decide only what no later character can change (detector.ts).
 *
 * @packageDocumentation
 */
import type { OutputAction } from '../classes.ts'
import { Tally } from '../finding.ts'
import { replacementOf } from './actions.ts'
import type { DetectorTable } from './detector-table.ts'
import type { Detector, Rest } from './detector.ts'
import type { Piece } from './piece.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { outlivesPause, reachOf, type State } from './rest.ts'

/** Offsets in the text, from its first unit on. */
interface Match {
  readonly detector: Detector
  readonly slot: number
  readonly code: string
  readonly start: number
  readonly end: number
  readonly rest: Rest | undefined
}

interface Flagged {
  readonly match: Match
  rest: Rest | undefined
  until: number
}

export interface OutputMatch {
  readonly code: string
  readonly class: Detector['class']
  readonly action: OutputAction
  readonly start: number
  readonly end: number
}

export interface StreamTerms {
  /** In the order in which they decide. */
  readonly tables: readonly DetectorTable[]
  readonly actionOf: (outputClass: Detector['class']) => OutputAction
  readonly pseudonyms: Pseudonyms
  /** null when what a client sent is guarded like the rest. */
  readonly mayReturn: ((detector: Detector, value: string) => boolean) | null
  readonly onMatch: (match: OutputMatch) => void
}

export class RedactingStream {
  readonly tally = new Tally()
  isBlocked = false
  readonly #terms: StreamTerms
  readonly #detectors: readonly Detector[]
  readonly #isFlag: readonly boolean[]
  /** For each detector: the offset up to which it has said no, or has been answered. */
  readonly #noUntil: Float64Array
  #held = ''
  /** Offset of the first unit of `#held`. */
  #base = 0
  /** In `#held`: the next place, and where the clear text in front of it begins. */
  #at = 0
  #clean = 0
  #before = ''
  /** A match whose rest is dropped now. */
  #dropped: { readonly match: Match; readonly rest: Rest } | undefined
  /** A match that stays: in it only detectors of stronger actions are asked. */
  #flagged: Flagged | undefined
  /** Matches that begin further on than where they were seen. */
  #pending: Match[] = []
  #out: Piece[] = []

  constructor(terms: StreamTerms) {
    this.#terms = terms
    this.#detectors = terms.tables.flatMap((table) => table.detectors)
    this.#isFlag = this.#detectors.map((row) => terms.actionOf(row.class) === 'flag')
    this.#noUntil = new Float64Array(this.#detectors.length)
  }

  take(text: string, state: State): Piece[] {
    if (this.isBlocked) return []
    this.#held = this.#held === '' ? text : this.#held + text
    this.#run(state)
    if (state !== 'more') this.#close(state)
    this.#held = this.#held.slice(this.#at)
    this.#base += this.#at
    this.#at = 0
    this.#clean = 0
    if (state === 'end') this.#forget()
    const out = this.#out
    this.#out = []
    return out
  }

  #run(state: State): void {
    while (!this.isBlocked && this.#at < this.#held.length) {
      if (!this.#step(state)) break
    }
    this.#release()
  }

  /** @returns whether it went on; otherwise more text is needed. */
  #step(state: State): boolean {
    if (this.#dropped !== undefined) return this.#drop(this.#dropped, state)
    if (this.#flagged !== undefined && !this.#passFlagged(this.#flagged, state)) return false
    const due = this.#takePending()
    if (due !== undefined) {
      this.#act(due)
      return true
    }
    const found = this.#ask(state !== 'more')
    if (found === 'more') return false
    if (found === null) this.#before = this.#held.charAt(this.#at++)
    else if (found.start > this.#base + this.#at) this.#wait(found)
    else this.#act(found)
    return true
  }

  #ask(isEnd: boolean): Match | 'more' | null {
    const unit = this.#held.charCodeAt(this.#at)
    const before = this.#before.charCodeAt(0)
    const place = this.#base + this.#at
    let first = 0
    for (const table of this.#terms.tables) {
      for (const index of table.askedAt(unit, before)) {
        const slot = first + index
        if ((this.#noUntil[slot] ?? 0) > place) continue
        if (this.#flagged !== undefined && this.#isFlag[slot] === true) continue
        const found = this.#askOne(slot, isEnd)
        if (found !== null) return found
      }
      first += table.detectors.length
    }
    return null
  }

  #askOne(slot: number, isEnd: boolean): Match | 'more' | null {
    const detector = this.#detectors[slot]
    if (detector === undefined) return null
    const look = detector.look(this.#held, this.#at, this.#before, isEnd)
    if (look.is === 'more') return 'more'
    if (look.is === 'no') {
      if (look.until !== undefined) this.#noUntil[slot] = this.#base + look.until
      return null
    }
    return {
      detector,
      slot,
      code: look.code ?? detector.code,
      start: this.#base + Math.max(this.#at, look.start ?? this.#at),
      end: this.#base + look.end,
      rest: look.then,
    }
  }

  /** What stands in front of it is nobody's yet: other detectors are asked there. */
  #wait(match: Match): void {
    this.#answer(match)
    this.#pending.push(match)
  }

  #answer({ slot, end }: Match): void {
    this.#noUntil[slot] = Math.max(end, this.#base + this.#at + 1)
  }

  #takePending(): Match | undefined {
    if (this.#pending.length === 0) return undefined
    const place = this.#base + this.#at
    const due = this.#pending.findIndex(({ start }) => start <= place)
    return due === -1 ? undefined : this.#pending.splice(due, 1)[0]
  }

  #act(match: Match): void {
    const action = this.#terms.actionOf(match.detector.class)
    this.#answer(match)
    // Another mask has taken all of it already.
    if (match.end <= this.#base + this.#at) return
    if (this.#terms.mayReturn?.(match.detector, this.#valueOf(match)) === true) return
    if (action === 'flag') this.#flag(match)
    else this.#mask(match, action)
  }

  #flag(match: Match): void {
    if (this.#flagged !== undefined) return
    this.tally.add(match.code)
    this.#flagged = { match, rest: match.rest, until: match.end }
  }

  #mask(match: Match, action: OutputAction): void {
    this.tally.add(match.code)
    this.#release()
    if (action === 'stop') {
      this.isBlocked = true
      this.#report(match, match.end)
      return
    }
    const to = match.end - this.#base
    const isGoingOn = match.start < this.#base + this.#at
    this.#add('masked', isGoingOn ? '' : this.#replacementOf(match, action), to - this.#at)
    this.#goTo(to)
    if (match.rest === undefined) this.#report(match, match.end)
    else this.#dropped = { match, rest: match.rest }
  }

  #replacementOf(match: Match, action: OutputAction): string {
    const matched = {
      class: match.detector.class,
      value: this.#valueOf(match),
      isWhole: match.rest === undefined,
    }
    return replacementOf(action, matched, this.#terms.pseudonyms)
  }

  /** From the place on: what is in front of it may have left. */
  #valueOf({ end }: Match): string {
    return this.#held.slice(this.#at, end - this.#base)
  }

  #drop({ match, rest }: { match: Match; rest: Rest }, state: State): boolean {
    const { to, isOver } = reachOf(rest, this.#held, this.#at, state)
    this.#add('masked', '', to - this.#at)
    if (to > this.#at) this.#goTo(to)
    if (isOver) {
      this.#dropped = undefined
      this.#report(match, this.#base + to)
    }
    return isOver
  }

  /** @returns whether the place is decided: in the match, or behind it. */
  #passFlagged(flagged: Flagged, state: State): boolean {
    const place = this.#base + this.#at
    if (place < flagged.until) return true
    if (flagged.rest !== undefined) {
      const { to, isOver } = reachOf(flagged.rest, this.#held, this.#at, state)
      flagged.until = this.#base + to
      if (isOver) flagged.rest = undefined
      if (flagged.until > place) return true
      if (!isOver) return false
    }
    this.#report(flagged.match, flagged.until)
    this.#flagged = undefined
    return true
  }

  /** Matches that were still going on when the text stopped. A block without its end goes on behind a pause. */
  #close(state: 'pause' | 'end'): void {
    const place = this.#base + this.#at
    const staysOpen = (rest: Rest | undefined) => state === 'pause' && outlivesPause(rest)
    if (this.#dropped !== undefined && !staysOpen(this.#dropped.rest)) {
      this.#report(this.#dropped.match, place)
      this.#dropped = undefined
    }
    if (this.#flagged !== undefined && !staysOpen(this.#flagged.rest)) {
      this.#report(this.#flagged.match, Math.min(this.#flagged.until, place))
      this.#flagged = undefined
    }
  }

  /** What comes next is another text. */
  #forget(): void {
    this.#noUntil.fill(0)
    this.#base = 0
    this.#before = ''
    this.#pending = []
  }

  #goTo(to: number): void {
    this.#before = this.#held.charAt(to - 1)
    this.#at = to
    this.#clean = to
  }

  #release(): void {
    this.#add('clear', this.#held.slice(this.#clean, this.#at), this.#at - this.#clean)
    this.#clean = this.#at
  }

  #add(is: Piece['is'], text: string, sourceChars: number): void {
    if (sourceChars > 0) this.#out.push({ is, text, sourceChars })
  }

  #report({ code, detector, start }: Match, end: number): void {
    const action = this.#terms.actionOf(detector.class)
    this.#terms.onMatch({ code, class: detector.class, action, start, end })
  }
}

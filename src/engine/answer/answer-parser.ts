/**
 * One answer: tokens in; text, thoughts and tool calls out.
 *
 * What it gives: whole characters and whole tokens (only the one that a boundary cuts is shorter),
 * the stop, and the places where a grammar must begin. Text is held back only while it may still
 * become a stop string, a thought or a call. What it does not give: limits on tokens, and the end
 * that the model itself sets.
 *
 * @packageDocumentation
 */
import { restOfOpening, squeeze, triggerOf, unitsOf } from './call-opening.ts'
import { CallReader } from './call-reader.ts'
import type { CallFormat } from '../prompt/call-format.ts'
import type { ThoughtFormat } from '../prompt/thought-format.ts'
import { StopMatcher } from './stop-strings.ts'
import { TokenTextDecoder } from './text-decoder.ts'
import { TokenLine, type TextPiece, type TokenChance } from './token-line.ts'

export interface CallOptions {
  readonly format: CallFormat
  readonly names: readonly string[]
  /** `must`: the answer is calls from its first token on, by its grammar. */
  readonly mode: 'may' | 'must'
  /** What an answer without a call is. Beside JSON a call only begins an answer: in a string it is text. */
  readonly beside: 'text' | 'json'
}

export interface ParserOptions {
  readonly stops: readonly string[]
  readonly thoughts: ThoughtFormat | null
  readonly calls: CallOptions | null
  /** Where a grammar begins, so that a token must not reach beyond. */
  readonly grammarAt: { readonly answer: boolean; readonly call: boolean }
}

export type Part = 'answer' | 'thought' | 'arguments'

export type AnswerEvent =
  | { readonly is: 'text'; readonly part: Part; readonly piece: TextPiece }
  | { readonly is: 'call'; readonly name: string }
  /**
   * From here on a grammar. `kept` is what of the last token was before this place; null: the token
   * ended here.
   */
  | { readonly is: 'boundary'; readonly at: 'answer' | 'call'; readonly kept: string | null }

type State = 'thought' | 'lead' | 'answer' | 'call' | 'stopped'

export class AnswerParser {
  readonly #options: ParserOptions
  readonly #decoder = new TokenTextDecoder()
  readonly #line = new TokenLine()
  /** What begins a call in running text; null where only the start of an answer can be one. */
  readonly #trigger: string | null
  #state: State
  #thought = false
  #matcher: StopMatcher
  /** Units from the start of the answer that the matcher has seen, and where it began. */
  #matchedTo = 0
  #matchedFrom = 0
  #reader: CallReader | null = null
  #readTo = 0
  #calls = 0
  #stop: number | null = null
  #events: AnswerEvent[] = []
  /** The text of the last token, and where it began. */
  #last = { text: '', start: 0 }
  #lastChance: TokenChance | null = null

  constructor(options: ParserOptions) {
    const { stops, thoughts, calls } = options
    this.#options = options
    const isAnywhere = calls?.mode === 'may' && !beginsAnswer(calls)
    this.#trigger = isAnywhere ? triggerOf(calls.format) : null
    this.#matcher = new StopMatcher(this.#trigger === null ? stops : [...stops, this.#trigger])
    if (thoughts?.opensInPrompt === true) this.#state = 'thought'
    else if (calls?.mode === 'must') this.#state = 'call'
    else this.#state = thoughts === null && calls === null ? 'answer' : 'lead'
    if (this.#state === 'call') this.#beginCalls('')
  }

  get stopped(): boolean {
    return this.#state === 'stopped'
  }

  /** Which of the stops ended the answer. */
  get stop(): number | null {
    return this.#stop
  }

  /** Tools that were called, each with whole arguments. */
  get calls(): number {
    return this.#calls
  }

  /** @param bytes - Of one token; none for a control token that means nothing here. */
  push(bytes: Uint8Array, chance: TokenChance | null = null): AnswerEvent[] {
    this.#lastChance = chance
    return this.#read(this.#decoder.push(bytes), chance)
  }

  /** The rest, when the answer ends. */
  end(): AnswerEvent[] {
    const rest = this.#decoder.end()
    // The bytes that never became a character are the last token's.
    const events = rest === '' ? [] : this.#read(rest, this.#lastChance)
    this.#events = []
    // Only arguments that were cut: what follows them says nothing.
    if (this.#state === 'call' || this.#isCutOpening()) return events
    const part = this.#state === 'thought' ? 'thought' : 'answer'
    if (!this.stopped) this.#say(part, this.#line.takeTo(this.#line.end))
    return [...events, ...this.#events]
  }

  /** Of a call that was cut before its name: in place of JSON it is no answer either. */
  #isCutOpening(): boolean {
    const { calls } = this.#options
    if (this.#state !== 'lead' || calls?.beside !== 'json') return false
    return !triggerOf(calls.format).startsWith('{') && this.#line.text.trim() !== ''
  }

  #read(text: string, chance: TokenChance | null): AnswerEvent[] {
    this.#events = []
    if (this.stopped) return []
    this.#last = { text, start: this.#line.end }
    this.#line.push(text, chance)
    while (this.#advance());
    return this.#events
  }

  /** @returns Whether another state should look at the rest. */
  #advance(): boolean {
    if (this.#state === 'thought') return this.#readThought()
    if (this.#state === 'lead') return this.#readLead()
    if (this.#state === 'answer') return this.#readAnswer()
    return this.#state === 'call' && this.#readCalls()
  }

  #readThought(): boolean {
    const close = this.#options.thoughts?.close ?? ''
    const { text, start, end } = this.#line
    const at = text.indexOf(close)
    if (at < 0) {
      this.#say('thought', this.#line.takeWhole(end - overlap(text, close)))
      return false
    }
    this.#say('thought', this.#line.takeTo(start + at))
    this.#line.dropTo(start + at + close.length)
    this.#thought = true
    this.#state = this.#options.calls?.mode === 'must' ? 'call' : 'lead'
    if (this.#state === 'call') this.#beginCalls('')
    if (this.#options.grammarAt.answer) this.#boundary('answer')
    return true
  }

  /** Before the first character of the answer: nothing but white space so far. */
  #readLead(): boolean {
    const { text, start } = this.#line
    const seen = text.trimStart()
    const begins = start + text.length - seen.length
    const { open, call } = this.#leads()
    if (open !== null && seen.startsWith(open)) {
      this.#line.dropTo(begins + open.length)
      this.#state = 'thought'
      return true
    }
    const triggerUnits = call === null ? null : unitsOf(seen, squeeze(call))
    if (call !== null && triggerUnits !== null) {
      this.#line.dropTo(begins + triggerUnits)
      this.#enterCalls(call)
      return true
    }
    const isOpen = open?.startsWith(seen) === true
    const isCall = call !== null && squeeze(call).startsWith(squeeze(seen))
    if ((isOpen || isCall) && text.length < MAX_LEAD_UNITS) return false
    // What follows a thought begins a line of its own; an answer without one is left as it is.
    if (this.#thought) {
      if (seen === '') return false
      this.#line.dropTo(begins)
    }
    this.#state = 'answer'
    this.#matchedFrom = this.#line.start
    this.#matchedTo = this.#line.start
    return true
  }

  /** What may come first: a thought, unless there was one, and a call that only begins an answer. */
  #leads(): { open: string | null; call: string | null } {
    const { thoughts, calls } = this.#options
    return {
      open: this.#thought ? null : (thoughts?.open.trim() ?? null),
      call: calls !== null && beginsAnswer(calls) ? triggerOf(calls.format) : null,
    }
  }

  #readAnswer(): boolean {
    this.#matcher.push(this.#line.text.slice(this.#matchedTo - this.#line.start))
    this.#matchedTo = this.#line.end
    const safe = this.#matchedFrom + this.#matcher.safeUnits
    const { stoppedBy } = this.#matcher
    if (stoppedBy === null) {
      this.#say('answer', this.#line.takeWhole(safe))
      return false
    }
    this.#say('answer', this.#line.takeTo(safe))
    if (this.#trigger === null || stoppedBy < this.#options.stops.length) {
      this.#stop = stoppedBy
      this.#state = 'stopped'
      return false
    }
    this.#line.dropTo(safe + this.#trigger.length)
    this.#enterCalls(this.#trigger)
    return true
  }

  /** @param read - What of a call's opening has been read. */
  #enterCalls(read: string): void {
    this.#beginCalls(read)
    this.#state = 'call'
    if (this.#options.grammarAt.call) this.#boundary('call')
  }

  #beginCalls(read: string): void {
    const { calls } = this.#options
    if (calls === null) return
    this.#reader = new CallReader(calls.format, calls.names, restOfOpening(calls.format, read))
    this.#readTo = this.#line.start
  }

  #readCalls(): boolean {
    const unread = this.#line.text.slice(this.#readTo - this.#line.start)
    const step = this.#reader?.next(unread)
    if (step === undefined || step.is === 'waits') return false
    this.#readTo += step.units
    if (step.is === 'arguments') {
      // Cut tokens only at the end of the arguments.
      const piece = step.whole
        ? this.#line.takeTo(this.#readTo)
        : this.#line.takeWhole(this.#readTo)
      this.#say('arguments', piece)
      if (step.whole) this.#calls++
      return step.whole
    }
    this.#line.dropTo(this.#readTo)
    if (step.is === 'name') this.#events.push({ is: 'call', name: step.name })
    return true
  }

  #boundary(at: 'answer' | 'call'): void {
    const { start, end } = this.#line
    if (end === start) {
      this.#events.push({ is: 'boundary', at, kept: null })
      return
    }
    this.#events.push({
      is: 'boundary',
      at,
      kept: this.#last.text.slice(0, start - this.#last.start),
    })
    this.#line.truncate(start)
    this.#decoder.end()
  }

  #say(part: Part, piece: TextPiece): void {
    if (piece.text !== '') this.#events.push({ is: 'text', part, piece })
  }
}

function beginsAnswer({ format, beside }: CallOptions): boolean {
  return format.where === 'start' || beside === 'json'
}

/** White space that a model may put before its answer while we look for a call or a thought. */
const MAX_LEAD_UNITS = 64

/** The longest end of `text` that is a beginning of `wanted`. */
function overlap(text: string, wanted: string): number {
  for (let length = Math.min(wanted.length - 1, text.length); length > 0; length--) {
    if (wanted.startsWith(text.slice(text.length - length))) return length
  }
  return 0
}

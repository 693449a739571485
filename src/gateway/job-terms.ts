/**
 * What one job was asked for, held against every frame that comes for it.
 *
 * What it gives: order, ownership of choices, and bounds on all that an engine may say; a frame that
 * is against them is `WIRE_BROKEN`. What it does not give: any look at the text itself.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { FRAMES, type BodyOf } from '../wire/frames.ts'
import type { JobFrame, JobOrder } from './job-book.ts'

/** No tokenizer has a longer token in ordinary text; runs of spaces reach 128. */
const MAX_TOKEN_CHARS = 256
const MAX_CALLS = 128
/** A token has a byte at least, and no frame has more bytes than this. */
const MAX_NEEDED_TOKENS = FRAMES['job.start'].maxBytes

interface ChoiceCount {
  tokens: number
  chars: number
  calls: number
}

export class JobTerms {
  readonly #order: JobOrder
  readonly #maxTokens: number
  readonly #contextTokens: number
  readonly #choices: readonly ChoiceCount[]
  readonly #callable: ReadonlySet<string>
  #isStarted = false
  #promptTokens = 0
  #echoedTokens = 0

  constructor(order: JobOrder, contextTokens: number) {
    this.#order = order
    this.#contextTokens = contextTokens
    this.#maxTokens = Math.min(order.maxTokens ?? contextTokens, contextTokens)
    this.#callable = callableNames(order)
    this.#choices = Array.from({ length: order.choices }, () => ({ tokens: 0, chars: 0, calls: 0 }))
  }

  /** @throws Fault `WIRE_BROKEN`. */
  check(frame: JobFrame): void {
    if (frame.name === 'job.failed') {
      checkNeed(frame, frame.body, this.#contextTokens)
      return
    }
    if (frame.name === 'job.started') {
      if (this.#isStarted) throw broken(frame, 'twice')
      this.#isStarted = true
      this.#promptTokens = frame.body.promptTokens
      this.#checkPrompt(frame, frame.body)
      return
    }
    if (!this.#isStarted) throw broken(frame, 'before job.started')
    this.#checkRunning(frame)
  }

  #checkRunning(frame: JobFrame): void {
    switch (frame.name) {
      case 'job.progress':
        return
      case 'job.prompt':
        this.#checkEcho(frame, frame.body)
        return
      case 'job.call':
        this.#checkCall(frame, frame.body)
        return
      case 'job.text':
        this.#checkText(frame, frame.body)
        return
      case 'job.done':
        this.#checkDone(frame, frame.body)
        return
      default:
        throw broken(frame, 'as the answer to job.start')
    }
  }

  #checkPrompt(
    frame: JobFrame,
    { promptTokens, cachedTokens }: { promptTokens: number; cachedTokens: number },
  ): void {
    if (promptTokens > this.#contextTokens || cachedTokens > promptTokens) {
      throw broken(frame, 'with impossible counts')
    }
  }

  #checkEcho(frame: JobFrame, { chances }: BodyOf<'job.prompt'>): void {
    if (this.#order.echo !== 'tokens') throw broken(frame, 'that nobody asked for')
    if (this.#choices.some(({ tokens, calls }) => tokens + calls > 0)) {
      throw broken(frame, 'after the answer has begun')
    }
    this.#echoedTokens += chances.length
    if (this.#echoedTokens > this.#promptTokens) throw broken(frame, 'with too many tokens')
    this.#checkRivals(frame, chances)
  }

  #checkCall(frame: JobFrame, { choice, name }: BodyOf<'job.call'>): void {
    const count = this.#choice(frame, choice)
    const { calls } = this.#order.form
    if (calls === null || !this.#callable.has(name)) {
      throw broken(frame, 'of a tool that may not be called')
    }
    count.calls++
    if (count.calls > (calls.atOnce === 'one' ? 1 : MAX_CALLS)) {
      throw broken(frame, 'of more tools than were asked for')
    }
  }

  #checkText(frame: JobFrame, body: BodyOf<'job.text'>): void {
    const count = this.#choice(frame, body.choice)
    if (body.part === 'arguments' && count.calls === 0) throw broken(frame, 'before job.call')
    this.#checkChances(frame, body)
    count.tokens += body.chars.length
    count.chars += body.text.length
    // One more of each: the token that ends an answer, and a character that waited for its bytes.
    const maxChars = (this.#maxTokens + 1) * MAX_TOKEN_CHARS
    if (count.tokens > this.#maxTokens + 1 || count.chars > maxChars) {
      throw broken(frame, 'with more text than was asked for')
    }
  }

  #checkChances(frame: JobFrame, { part, text, chars, chances }: BodyOf<'job.text'>): void {
    const isTold = this.#order.topLogprobs !== null && part === 'answer'
    if (chances.length !== (isTold ? chars.length : 0)) {
      throw broken(frame, 'with the wrong number of chances')
    }
    if (!isTold) return
    // By them each token finds its place in the text, and so under or beside a mask.
    if (chars.reduce((sum, count) => sum + count, 0) !== text.length) {
      throw broken(frame, 'with tokens that are not its text')
    }
    this.#checkRivals(frame, chances)
  }

  #checkRivals(frame: JobFrame, chances: BodyOf<'job.prompt'>['chances']): void {
    const most = this.#order.topLogprobs ?? 0
    if (chances.some(({ top }) => top.length > most)) throw broken(frame, 'with too many rivals')
  }

  #checkDone(frame: JobFrame, body: BodyOf<'job.done'>): void {
    this.#checkPrompt(frame, body)
    if (body.completionTokens > this.#maxTokens * this.#choices.length) {
      throw broken(frame, 'with too many tokens')
    }
    if (body.choices.length !== this.#choices.length) {
      throw broken(frame, 'with another number of choices')
    }
    for (const [index, { finish, stop }] of body.choices.entries()) {
      const calls = this.#choices[index]?.calls ?? 0
      if (finish === 'calls' && calls === 0) throw broken(frame, 'of calls that were not made')
      if (stop !== null && (finish !== 'stop' || stop >= this.#order.stop.length)) {
        throw broken(frame, 'at a stop that was not given')
      }
    }
  }

  #choice(frame: JobFrame, choice: number): ChoiceCount {
    const count = this.#choices[choice]
    if (count === undefined) throw broken(frame, 'for a choice that was not asked for')
    return count
  }
}

/**
 * Numbers are told to the client, so they are those of a prompt too long for this context, or none.
 *
 * @throws Fault `WIRE_BROKEN`.
 */
export function checkNeed(
  frame: JobFrame,
  { code, promptTokens, contextTokens, uncounted }: BodyOf<'job.failed'>,
  ownContextTokens: number,
): void {
  if (promptTokens === undefined && contextTokens === undefined && uncounted === undefined) return
  const isTooLong =
    code === 'ENGINE_CONTEXT_LENGTH' &&
    contextTokens === ownContextTokens &&
    promptTokens !== undefined &&
    promptTokens >= contextTokens
  if (!isTooLong || promptTokens > MAX_NEEDED_TOKENS) throw broken(frame, 'with impossible counts')
}

function callableNames({ input, form }: JobOrder): ReadonlySet<string> {
  if (input.kind !== 'chat' || form.calls === null) return new Set()
  const { only } = form.calls
  return new Set(input.tools.map(({ name }) => name).filter((name) => (only ?? name) === name))
}

function broken(frame: JobFrame, why: string): Fault {
  return new Fault('WIRE_BROKEN', `${frame.name} ${why}`)
}

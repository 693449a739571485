/**
 * An answer in the form of OpenAI's Responses API: one object, or its semantic events in order.
 *
 * @packageDocumentation
 */
import type { ErrorAnswer } from '../api-error.ts'
import type { Finish } from '../chat/choice-filter.ts'
import { NO_TALLY } from '../chat/events.ts'
import { annotated, type Annotation } from '../chat/findings.ts'
import type { AnswerPart, Usage } from '../chat/generation.ts'
import type { AnswerWriter, WireEvent } from '../exchange.ts'
import { padding } from '../padding.ts'
import {
  callItem,
  messageItem,
  newId,
  reasoningItem,
  type ItemEvent,
  type ItemStatus,
  type OutputItem,
} from './items.ts'

export interface ResponseHead {
  /** Seconds since 1970. */
  readonly createdAt: number
  /** What the answer says again of its request. */
  readonly echo: object
  readonly obfuscation: 'on' | 'off'
}

type EndPart = Extract<AnswerPart, { readonly kind: 'end' }>
type Status = 'in_progress' | 'completed' | 'incomplete' | 'failed'

export class ResponseWriter implements AnswerWriter {
  readonly #head: ResponseHead
  readonly #id = newId('resp')
  readonly #items: OutputItem[] = []
  /** The items that are over, as they are in the output. */
  readonly #output: object[] = []
  #sequence = 0
  #finish: Finish = 'stop'
  #usage: Usage | null = null
  #annotation: Annotation | undefined

  constructor(head: ResponseHead) {
    this.#head = head
  }

  take(part: AnswerPart): readonly WireEvent[] {
    if (part.kind === 'started') return []
    if (part.kind === 'finish') this.#finish = part.finish
    const events = this.#eventsOf(part)
    return (this.#sequence === 0 ? [...this.#opening(), ...events] : events).map((event) =>
      this.#numbered(event),
    )
  }

  whole(): object {
    return this.#response(this.#endStatus())
  }

  ping(): 'comment' {
    return 'comment'
  }

  broken({ body }: ErrorAnswer): readonly WireEvent[] {
    const { code, message } = body.error
    const error = {
      code: code === 'rate_limit_exceeded' ? code : 'server_error',
      message: `${message} (${code ?? 'server_error'})`,
    }
    const response = { ...this.#response('failed'), error }
    const opening = this.#sequence === 0 ? this.#opening() : []
    return [...opening, { type: 'response.failed', response }].map((event) => this.#numbered(event))
  }

  #eventsOf(part: AnswerPart): readonly ItemEvent[] {
    switch (part.kind) {
      case 'text': {
        const kind = part.part === 'answer' ? 'message' : 'reasoning'
        const make = part.part === 'answer' ? messageItem : reasoningItem
        const open = this.#last()?.kind === kind ? [] : this.#open(make(this.#items.length))
        return [...open, ...this.#grow(part.text, part)]
      }
      case 'call':
        return this.#open(callItem(this.#items.length, part.name))
      case 'arguments':
        return this.#grow(part.text, { tokens: null })
      case 'end':
        return this.#end(part)
      default:
        return []
    }
  }

  #last(): OutputItem | undefined {
    return this.#items.at(-1)
  }

  #open(item: OutputItem): readonly ItemEvent[] {
    const before = this.#close('completed')
    this.#items.push(item)
    return [...before, ...item.opened()]
  }

  #grow(text: string, { tokens }: Pick<Extract<AnswerPart, { kind: 'text' }>, 'tokens'>) {
    const event = this.#last()?.grow(text, tokens)
    if (event === undefined) return []
    return [this.#head.obfuscation === 'on' ? { ...event, obfuscation: padding(text) } : event]
  }

  #close(status: ItemStatus): readonly ItemEvent[] {
    const last = this.#last()
    if (last === undefined || this.#output.length === this.#items.length) return []
    this.#output.push(last.object(status))
    return last.closed(status)
  }

  #end({ usage, annotation }: EndPart): readonly ItemEvent[] {
    this.#usage = usage
    this.#annotation = annotation
    // An answer without a word is still a message.
    const empty = this.#items.length === 0 ? this.#open(messageItem(0)) : []
    const status = this.#endStatus()
    const closed = this.#close(status)
    return [...empty, ...closed, { type: `response.${status}`, response: this.#response(status) }]
  }

  #endStatus(): 'completed' | 'incomplete' {
    return this.#finish === 'length' || this.#finish === 'content_filter'
      ? 'incomplete'
      : 'completed'
  }

  #opening(): ItemEvent[] {
    return ['response.created', 'response.in_progress'].map((type) => ({
      type,
      response: this.#response('in_progress'),
    }))
  }

  #numbered({ type, ...fields }: ItemEvent): WireEvent {
    return { name: type, data: { type, sequence_number: this.#sequence++, ...fields } }
  }

  #response(status: Status): object {
    const isOver = status === 'completed' || status === 'incomplete'
    const reason = this.#finish === 'length' ? 'max_output_tokens' : 'content_filter'
    return {
      id: this.#id,
      object: 'response',
      created_at: this.#head.createdAt,
      status,
      error: null,
      incomplete_details: status === 'incomplete' ? { reason } : null,
      output: [...this.#output],
      ...this.#head.echo,
      usage: isOver ? usageObject(this.#usage ?? NO_TALLY) : null,
      ...annotated(this.#annotation),
    }
  }
}

function usageObject(usage: Usage) {
  const { promptTokens, cachedTokens, completionTokens, thoughtTokens } = usage
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: thoughtTokens },
    total_tokens: promptTokens + completionTokens,
  }
}

/**
 * An answer in the form of Anthropic's Messages API: one object, or its events in order.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import type { ErrorAnswer } from '../api-error.ts'
import { annotated, type Annotation } from '../chat/findings.ts'
import type { AnswerPart, Usage } from '../chat/generation.ts'
import type { AnswerWriter, WireEvent } from '../exchange.ts'
import { padding } from '../padding.ts'
import { anthropicError } from './errors.ts'

export interface MessageHead {
  readonly requestId: string
  readonly model: string
  readonly maxTokens: number
  readonly stopTexts: readonly string[]
  readonly thoughts: 'shown' | 'omitted'
}

type Block =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'thinking'; text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; text: string }

type FinishPart = Extract<AnswerPart, { readonly kind: 'finish' }>
type EndPart = Extract<AnswerPart, { readonly kind: 'end' }>

export class MessageWriter implements AnswerWriter {
  readonly #head: MessageHead
  readonly #id = newId('msg')
  readonly #blocks: Block[] = []
  #progress: 'silent' | 'between' | 'in block' = 'silent'
  #usage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, thoughtTokens: 0 }
  #finish: FinishPart | undefined
  #annotation: Annotation | undefined

  constructor(head: MessageHead) {
    this.#head = head
  }

  take(part: AnswerPart): readonly WireEvent[] {
    switch (part.kind) {
      case 'started':
        this.#usage = { ...this.#usage, ...part.prompt }
        return []
      case 'text':
        return this.#takeText(part)
      case 'call':
        return this.#open({ type: 'tool_use', id: newId('toolu'), name: part.name, text: '' })
      case 'arguments':
        return [this.#grow(part.text)]
      case 'finish':
        this.#finish = part
        return []
      case 'end':
        return this.#end(part)
      case 'prompt':
        return []
    }
  }

  whole(): object {
    return {
      ...this.#message(),
      content: this.#blocks.flatMap((block) => this.#wholeBlock(block)),
      ...this.#stopped(),
      usage: usageObject(this.#usage),
      ...annotated(this.#annotation),
    }
  }

  ping(): readonly WireEvent[] {
    return [...this.#begin(), named({ type: 'ping' })]
  }

  broken(answer: ErrorAnswer): readonly WireEvent[] {
    return [{ name: 'error', data: anthropicError(answer, this.#head.requestId) }]
  }

  #takeText({ part, text }: Extract<AnswerPart, { kind: 'text' }>): readonly WireEvent[] {
    // A part may bring a token and no text yet; there are no log probabilities here.
    if (text === '') return []
    const type = part === 'answer' ? 'text' : 'thinking'
    if (type === 'thinking' && this.#head.thoughts === 'omitted') return []
    const isOpen = this.#progress === 'in block' && this.#blocks.at(-1)?.type === type
    return [...(isOpen ? [] : this.#open({ type, text: '' })), this.#grow(text)]
  }

  #begin(): readonly WireEvent[] {
    if (this.#progress !== 'silent') return []
    this.#progress = 'between'
    return [named({ type: 'message_start', message: this.#message() })]
  }

  #open(block: Block): readonly WireEvent[] {
    const before = [...this.#begin(), ...this.#close()]
    this.#progress = 'in block'
    this.#blocks.push(block)
    const start = { type: 'content_block_start', index: this.#index(), content_block: empty(block) }
    return [...before, named(start)]
  }

  #grow(text: string): WireEvent {
    const block = this.#blocks.at(-1)
    if (block !== undefined) block.text += text
    const delta = deltaOf(block?.type ?? 'text', text)
    const told = { index: this.#index(), delta, obfuscation: padding(text) }
    return named({ type: 'content_block_delta', ...told })
  }

  #close(): readonly WireEvent[] {
    if (this.#progress !== 'in block') return []
    this.#progress = 'between'
    return [named({ type: 'content_block_stop', index: this.#index() })]
  }

  #index(): number {
    return this.#blocks.length - 1
  }

  #end({ usage, annotation }: EndPart): readonly WireEvent[] {
    const before = [...this.#begin(), ...this.#close()]
    this.#usage = usage
    this.#annotation = annotation
    const told = { usage: usageObject(usage), ...annotated(annotation) }
    const delta = { type: 'message_delta', delta: this.#stopped(), ...told }
    return [...before, named(delta), named({ type: 'message_stop' })]
  }

  /** As it begins. */
  #message() {
    return {
      id: this.#id,
      type: 'message',
      role: 'assistant',
      model: this.#head.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: usageObject(this.#usage),
    }
  }

  #stopped(): { readonly stop_reason: string; readonly stop_sequence: string | null } {
    const { maxTokens, stopTexts } = this.#head
    const stop = this.#finish?.stop ?? null
    if (stop !== null) {
      return { stop_reason: 'stop_sequence', stop_sequence: stopTexts[stop] ?? null }
    }
    const isFull = this.#usage.completionTokens < maxTokens
    const reasons = {
      stop: 'end_turn',
      length: isFull ? 'model_context_window_exceeded' : 'max_tokens',
      tool_calls: 'tool_use',
      content_filter: 'refusal',
    }
    return { stop_reason: reasons[this.#finish?.finish ?? 'stop'], stop_sequence: null }
  }

  /** Nothing for a call that was cut: half an object is none. */
  #wholeBlock(block: Block): object[] {
    if (block.type === 'text') return [{ ...empty(block), text: block.text }]
    if (block.type === 'thinking') return [{ ...empty(block), thinking: block.text }]
    const input = jsonOrNothing(block.text)
    return input === undefined ? [] : [{ ...empty(block), input }]
  }
}

function empty(block: Block): object {
  if (block.type === 'text') return { type: 'text', text: '', citations: null }
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' }
  return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } }
}

function deltaOf(type: Block['type'], text: string): object {
  if (type === 'text') return { type: 'text_delta', text }
  if (type === 'thinking') return { type: 'thinking_delta', thinking: text }
  return { type: 'input_json_delta', partial_json: text }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function usageObject({ promptTokens, cachedTokens, completionTokens, thoughtTokens }: Usage) {
  return {
    // Anthropic counts what was read from a cache beside the input, not in it.
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: completionTokens,
    output_tokens_details: { thinking_tokens: thoughtTokens },
    server_tool_use: null,
    service_tier: 'standard',
  }
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`
}

function named(data: { readonly type: string; readonly [field: string]: unknown }): WireEvent {
  return { name: data.type, data }
}

/**
 * Text that goes on from a prompt, in the form of OpenAI's completions: one object, or chunks of
 * the same shape.
 *
 * @packageDocumentation
 */
import type { ErrorAnswer } from '../api-error.ts'
import type { Finish } from '../chat/choice-filter.ts'
import { annotated, type Annotation } from '../chat/findings.ts'
import type { AnswerPart, Usage } from '../chat/generation.ts'
import type { TokenEntry } from '../chat/token-track.ts'
import type { AnswerWriter, WireEvent } from '../exchange.ts'
import { padding } from '../padding.ts'
import { tokenName } from '../token-text.ts'

export interface CompletionHead {
  readonly requestId: string
  readonly model: string
  /** Seconds since 1970. */
  readonly createdAt: number
  /** Of all prompts together. */
  readonly choices: number
  /** Rivals of each token; null: no log probabilities. */
  readonly logprobs: number | null
  readonly usage: 'told' | 'untold'
  readonly obfuscation: 'on' | 'off'
}

type FinishPart = Extract<AnswerPart, { readonly kind: 'finish' }>

interface Logprobs {
  readonly tokens: string[]
  readonly token_logprobs: (number | null)[]
  readonly top_logprobs: (Record<string, number> | null)[] | null
  /** UTF-16 units from the beginning of the choice's text. */
  readonly text_offset: number[]
}

interface Choice {
  text: string
  /** A token may end inside a character: its place is where the whole characters before it end. */
  readonly offsets: TextDecoder
  offset: number
  readonly logprobs: Logprobs
  finish: Finish | null
}

export class CompletionWriter implements AnswerWriter {
  readonly #head: CompletionHead
  readonly #choices: readonly Choice[]
  #usage: Usage | undefined
  #annotation: Annotation | undefined
  /** The last of a choice waits for what comes next: after the last of all, it says the findings. */
  #last: FinishPart | undefined

  constructor(head: CompletionHead) {
    this.#head = head
    this.#choices = Array.from({ length: head.choices }, () => ({
      text: '',
      offsets: new TextDecoder('utf-8', { ignoreBOM: true }),
      offset: 0,
      logprobs: emptyLogprobs(head.logprobs),
      finish: null,
    }))
  }

  take(part: AnswerPart): readonly WireEvent[] {
    if (part.kind === 'text') return [...this.#takeLast(), this.#takeText(part)]
    if (part.kind === 'finish') {
      const before = this.#takeLast()
      this.#choice(part.choice).finish = part.finish
      this.#last = part
      return before
    }
    if (part.kind !== 'end') return []
    this.#usage = part.usage
    this.#annotation = part.annotation
    const finished = this.#takeLast()
    const { usage } = this.#head
    const last: WireEvent[] = usage === 'told' ? [{ data: this.#object([], part.usage) }] : []
    return [...finished, ...last, { data: '[DONE]' }]
  }

  whole(): object {
    const choices = this.#choices.map((choice, index) => this.#choiceObject(index, choice))
    return { ...this.#object(choices, this.#usage), ...annotated(this.#annotation) }
  }

  ping(): 'comment' {
    return 'comment'
  }

  broken({ body }: ErrorAnswer): readonly WireEvent[] {
    return [{ data: body }]
  }

  #takeLast(): readonly WireEvent[] {
    const last = this.#last
    this.#last = undefined
    if (last === undefined) return []
    const { data } = this.#chunk(last.choice, { text: '', logprobs: null, finish: last.finish })
    return [{ data: { ...data, ...annotated(this.#annotation) } }]
  }

  #takeText({ choice: index, text, tokens }: Extract<AnswerPart, { kind: 'text' }>): WireEvent {
    const choice = this.#choice(index)
    const logprobs = emptyLogprobs(this.#head.logprobs)
    for (const token of tokens ?? []) {
      addToken(logprobs, token, choice.offset)
      addToken(choice.logprobs, token, choice.offset)
      choice.offset += choice.offsets.decode(token.bytes, { stream: true }).length
    }
    choice.text += text
    return this.#chunk(index, { text, logprobs, finish: null })
  }

  #chunk(
    index: number,
    { text, logprobs, finish }: Pick<Choice, 'text' | 'finish'> & { logprobs: Logprobs | null },
  ): { readonly data: object } {
    const told = this.#head.logprobs === null ? null : logprobs
    const chunk = this.#object([{ index, text, logprobs: told, finish_reason: finish }], undefined)
    // OpenAI sends null in all but the last when the usage was asked for.
    const usage = this.#head.usage === 'told' ? { usage: null } : {}
    const obfuscation = this.#head.obfuscation === 'on' ? { obfuscation: padding(text) } : {}
    return { data: { ...chunk, ...usage, ...obfuscation } }
  }

  #choiceObject(index: number, { text, logprobs, finish }: Choice): object {
    const told = this.#head.logprobs === null ? null : logprobs
    return { index, text, logprobs: told, finish_reason: finish }
  }

  #object(choices: readonly object[], usage: Usage | undefined): object {
    const { requestId, model, createdAt } = this.#head
    const id = `cmpl-${requestId.replace(/^req_/, '')}`
    const head = { id, object: 'text_completion', created: createdAt, model, choices }
    return usage === undefined ? head : { ...head, usage: usageObject(usage) }
  }

  #choice(index: number): Choice {
    const choice = this.#choices[index]
    if (choice === undefined) throw new Error(`no choice ${index}`)
    return choice
  }
}

function emptyLogprobs(rivals: number | null): Logprobs {
  const top = rivals === null || rivals === 0 ? null : []
  return { tokens: [], token_logprobs: [], top_logprobs: top, text_offset: [] }
}

function addToken(told: Logprobs, { bytes, logprob, top }: TokenEntry, offset: number): void {
  told.tokens.push(tokenName(bytes))
  told.token_logprobs.push(logprob)
  told.text_offset.push(offset)
  const rivals = top.map((rival) => [tokenName(rival.bytes), rival.logprob] as const)
  told.top_logprobs?.push(logprob === null ? null : Object.fromEntries(rivals))
}

function usageObject({ promptTokens, cachedTokens, completionTokens }: Usage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  }
}

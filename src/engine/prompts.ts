/**
 * Token ids of whatever a job begins with: a conversation, a text, a text with a gap, or ids.
 *
 * What it gives: prompts in which nobody's words become a control token; only a client that sends
 * ids says exactly what it wants. What it does not give: bounds (`prompt-bounds.ts`).
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import type { JobInput } from '../wire/frames.ts'
import { PLAIN_FORMATS, type Formats } from './answer/answer-plan.ts'
import type { PromptRenderer } from './prompt/renderer.ts'
import type { ModelVocabulary } from './vocabulary.ts'

type TextInput = Extract<JobInput, { kind: 'text' }>

export class Prompts {
  readonly renderer: PromptRenderer
  readonly #vocabulary: ModelVocabulary
  readonly #formats: Formats
  readonly #unthinking: Formats

  constructor(renderer: PromptRenderer, vocabulary: ModelVocabulary) {
    this.renderer = renderer
    this.#vocabulary = vocabulary
    const { calls, thoughts } = renderer
    const { open, beforeName, afterName, afterArguments, between, close } = calls
    const texts = [open, beforeName, afterName, afterArguments, between, close]
    texts.push(thoughts?.open ?? null, thoughts?.close ?? null)
    const spelled = vocabulary
      .specialTokens()
      .filter(({ text }) => texts.some((format) => format?.includes(text) === true))
    this.#formats = { calls, thoughts, spelled: new Set(spelled.map(({ id }) => id)) }
    this.#unthinking = { ...this.#formats, thoughts: null }
  }

  /** Whether the model was trained to fill a gap. */
  get canFill(): boolean {
    return this.#vocabulary.gap !== null
  }

  /** How the model writes calls and thoughts in its answer to this. */
  formatsOf(input: JobInput): Formats {
    if (input.kind !== 'chat') return PLAIN_FORMATS
    return input.thinking === 'off' ? this.#unthinking : this.#formats
  }

  /** @throws Fault `ENGINE_TEMPLATE` or `ENGINE_TOKENS`; synchronous, about 0.5 µs a byte. */
  idsOf(input: JobInput): Uint32Array {
    if (input.kind === 'chat') return this.renderer.render(input)
    return input.kind === 'text' ? this.#textIds(input) : this.#checked(input.ids)
  }

  /** @throws Fault `ENGINE_TOKENS` for an id that the model does not have. */
  textOf(ids: readonly number[]): string {
    return this.#vocabulary.detokenize(this.#checked(ids))
  }

  #checked(ids: readonly number[]): Uint32Array {
    const wrong = ids.find((id) => !this.#vocabulary.has(id))
    if (wrong === undefined) return Uint32Array.from(ids)
    const size = this.#vocabulary.size
    throw new Fault('ENGINE_TOKENS', `token ${wrong} is not in a vocabulary of ${size}`)
  }

  #textIds({ text, suffix }: TextInput): Uint32Array {
    const { addsBos, bos, gap } = this.#vocabulary
    const start = addsBos && bos !== null ? [bos] : []
    if (suffix === null) {
      const ids = [...start, ...this.#inert(text)]
      // An empty text is a prompt too: the model begins wherever it likes.
      const [first = bos ?? this.#vocabulary.eos ?? 0] = ids
      return Uint32Array.from(ids.length === 0 ? [first] : ids)
    }
    if (gap === null) throw new Fault('ENGINE_TOKENS', 'the model does not fill gaps')
    const { prefix, suffix: after, middle } = gap
    return Uint32Array.from([
      ...start,
      ...[prefix, ...this.#inert(text)],
      ...[after, ...this.#inert(suffix)],
      middle,
    ])
  }

  /** Cut inside each spelling of a special token: none comes out, whole or in part. */
  #inert(text: string): number[] {
    const cuts = this.renderer.spellings.find(text).map(({ start }) => start + 1)
    const edges = [0, ...new Set(cuts), text.length].sort((a, b) => a - b)
    return edges.slice(1).flatMap((edge, at) => {
      const piece = text.slice(edges[at], edge)
      return piece === '' ? [] : [...this.#vocabulary.tokenize(piece, 'plain')]
    })
  }
}

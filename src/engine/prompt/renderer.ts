/**
 * Messages to token ids, by the model's own chat template.
 *
 * Ordinary conversations get the ids that llama-server computes from the same messages: the whole
 * rendered text is tokenised at once, with special tokens on. What a stranger wrote is marked while
 * it is rendered (`disguise.ts`); where a mark lies in the spelling of a special token, the text is
 * cut inside that spelling and its pieces are tokenised one by one, so no special token can come
 * from it, whole or in part. The result is counted: each special token as often as the template
 * itself wrote it, else a fault.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { commonPrefix } from '../common-prefix.ts'
import type { CallFormat } from './call-format.ts'
import {
  fitMessages,
  messagesValue,
  plainChat,
  strangersTexts,
  toolsValue,
  type ChatInput,
} from './conversation.ts'
import { Disguise } from './disguise.ts'
import {
  SpecialSpellings,
  takenByLongest,
  type SpecialToken,
  type Spelling,
} from './special-spellings.ts'
import { ChatTemplate, type TemplateWords } from './template.ts'
import { findTraits, type Thinking, type Traits } from './template-traits.ts'
import type { ThoughtFormat } from './thought-format.ts'
import { asText } from './tool-texts.ts'

/** What is asked of the model's vocabulary; `ModelVocabulary` has it. */
export interface PromptVocabulary {
  readonly addsBos: boolean
  readonly bos: number | null
  readonly eos: number | null
  textOf(id: number): string
  tokenize(text: string, mode: 'plain' | 'special'): Uint32Array
  specialTokens(): readonly SpecialToken[]
}

/** What llama.cpp uses for a model without a template. */
const CHATML =
  "{%- for message in messages -%}{{- '<|im_start|>' + message.role + '\\n' + message.content + " +
  "'<|im_end|>\\n' -}}{%- endfor -%}{%- if add_generation_prompt -%}" +
  "{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"

export class PromptRenderer {
  readonly #template: ChatTemplate
  readonly #vocabulary: PromptVocabulary
  /** Of the vocabulary's special tokens. */
  readonly spellings: SpecialSpellings
  readonly #words: TemplateWords
  readonly #traits: Traits

  /**
   * @param source - The template in the model file, or null when there is none: ChatML if the
   * vocabulary has its tokens.
   * @throws Fault `ENGINE_TEMPLATE` when it cannot be read, or renders no message at all.
   */
  constructor(source: string | null, vocabulary: PromptVocabulary) {
    this.#vocabulary = vocabulary
    this.spellings = new SpecialSpellings(vocabulary.specialTokens())
    this.#template = new ChatTemplate(source ?? this.#chatMl())
    const textOf = (id: number | null) => (id === null ? '' : vocabulary.textOf(id))
    this.#words = { bos: textOf(vocabulary.bos), eos: textOf(vocabulary.eos) }
    this.#traits = findTraits(this.#template, this.#words, this.spellings)
  }

  /** How the model writes calls of tools: the template's own form, or a generic one. */
  get calls(): CallFormat {
    return this.#traits.calls
  }

  /** How the model writes what it thinks; null when it does not. */
  get thoughts(): ThoughtFormat | null {
    return this.#traits.thoughts
  }

  get thinking(): Thinking {
    return this.#traits.thinking
  }

  /**
   * Synchronous, and as long as tokenising: about 0.5 µs a byte.
   *
   * @throws Fault `ENGINE_TEMPLATE` when the template refuses the messages, a schema or arguments
   * are not JSON, or a special token would come from anywhere but the template.
   */
  render(input: ChatInput): Uint32Array {
    const { shape, forms, calls, off } = this.#traits
    const { messages, tools, thinking } = asText(input, forms, calls)
    const fitted = fitMessages(messages, shape)
    const texts = strangersTexts({ messages: fitted, tools, thinking })
    const disguise = new Disguise(this.spellings.alphabet, [this.#template.source, ...texts])
    const hide = (text: string) => disguise.hide(text)
    const given = {
      messages: messagesValue(fitted, shape, hide),
      tools: tools.length === 0 ? null : toolsValue(tools, hide),
      ends: 'asked',
      settings: thinking === 'off' ? off : {},
    } as const
    return this.#tokenize(this.#template.render(given, this.#words, disguise), disguise)
  }

  /**
   * What every conversation without a system message begins with; empty when a template cannot
   * say. It holds no client's text. A prompt may still differ in its last token, which can grow
   * together with the first word, so what is shared is {@link commonPrefix} of both.
   */
  constantPrefix(): Uint32Array {
    try {
      const [one, other] = ['x', 'y'].map((content) =>
        this.render(plainChat([{ role: 'user', content }])),
      )
      if (one === undefined || other === undefined) return new Uint32Array(0)
      return one.slice(0, commonPrefix(one, other))
    } catch (thrown) {
      if (thrown instanceof Fault) return new Uint32Array(0)
      throw thrown
    }
  }

  #chatMl(): string {
    const texts = this.spellings.tokens.map(({ text }) => text)
    if (texts.includes('<|im_start|>') && texts.includes('<|im_end|>')) return CHATML
    throw new Fault('ENGINE_TEMPLATE', 'the model has no chat template, and is not of ChatML')
  }

  #tokenize(rendered: string, disguise: Disguise): Uint32Array {
    const text = disguise.reveal(rendered)
    const [own, strangers] = [[], []] as [Spelling[], Spelling[]]
    for (const spelling of this.spellings.find(text)) {
      const isStrangers = strangersIndex(rendered, spelling, disguise) !== null
      ;(isStrangers ? strangers : own).push(spelling)
    }
    const cuts = strangers.map((spelling) => cutInside(rendered, spelling, disguise))
    const pieces = piecesOf(text, cuts).map((piece) => this.#vocabulary.tokenize(piece, 'special'))
    const ids = joined(pieces)
    this.#checkSpecials(ids, takenByLongest(own))
    return this.#withBos(ids)
  }

  /** llama-server takes a written BOS off and lets the tokeniser add it again; the same ids. */
  #withBos(ids: Uint32Array): Uint32Array {
    const { addsBos, bos } = this.#vocabulary
    if (!addsBos || bos === null || ids[0] === bos) return ids
    return joined([Uint32Array.of(bos), ids])
  }

  /** Cannot fail with the vocabularies we know; if one finds a way, nobody's words open a role. */
  #checkSpecials(ids: Uint32Array, written: readonly Spelling[]): void {
    const counts = new Map<number, number>()
    const add = (id: number, count: number) => counts.set(id, (counts.get(id) ?? 0) + count)
    for (const id of ids) if (this.spellings.ids.has(id)) add(id, 1)
    for (const { id } of written) add(id, -1)
    for (const [id, count] of counts) {
      if (count === 0) continue
      throw new Fault(
        'ENGINE_TEMPLATE',
        `the prompt has ${Math.abs(count)} special tokens ${id} more or less than its template`,
      )
    }
  }
}

/** Where in the spelling the first of a stranger's characters is, or null. */
function strangersIndex(rendered: string, spelling: Spelling, disguise: Disguise): number | null {
  for (let i = spelling.start; i < spelling.end; i++) {
    if (disguise.isStrangersAt(rendered, i)) return i
  }
  return null
}

/** Beside a stranger's character, so that no token of the template is cut. */
function cutInside(rendered: string, spelling: Spelling, disguise: Disguise): number {
  const index = strangersIndex(rendered, spelling, disguise) ?? spelling.start
  return index > spelling.start ? index : spelling.start + 1
}

function joined(pieces: readonly Uint32Array[]): Uint32Array {
  const ids = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    ids.set(piece, at)
    at += piece.length
  }
  return ids
}

function piecesOf(text: string, cuts: readonly number[]): string[] {
  const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), text.length]
  return edges.slice(1).map((edge, i) => text.slice(edges[i], edge))
}

/**
 * A conversation as token ids: the roles' boundaries as the template's own special tokens, the
 * strangers' words as plain text between them.
 *
 * The plain text between two special tokens is tokenised in one piece, the template's words and the
 * stranger's together, because that is what llama-server does: `user\n` and what follows it merge.
 * The ids equal llama-server's for the same messages, except where a stranger's text spells a
 * control or user-defined token: there it stays text.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { SpecialTexts, type Part, type Vocabulary } from './special-text.ts'
import { ChatTemplate, type ChatMessage, type Piece } from './template.ts'

export class PromptRenderer {
  readonly #vocabulary: Vocabulary
  readonly #special: SpecialTexts
  readonly #template: ChatTemplate | undefined

  /**
   * @param template - the model's `tokenizer.chat_template`; null when it has none.
   * @throws Fault `ENGINE_MODEL_INVALID` when the template cannot be read.
   */
  constructor(template: string | null, vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary
    this.#special = new SpecialTexts(vocabulary.specialTokens())
    const textOf = (id: number | null) => (id === null ? '' : vocabulary.textOf(id))
    this.#template =
      template === null
        ? undefined
        : new ChatTemplate(template, { bos: textOf(vocabulary.bos), eos: textOf(vocabulary.eos) })
  }

  /**
   * Synchronous: its time grows with the text, about 0.5 µs a byte.
   *
   * @throws Fault `ENGINE_TEMPLATE`
   */
  render(messages: readonly ChatMessage[]): Uint32Array {
    if (this.#template === undefined) {
      throw new Fault('ENGINE_TEMPLATE', 'the model has no chat template')
    }
    // The template knows no "developer": it is what "system" was called before.
    const known = messages.map(({ role, content }) => ({
      role: role === 'developer' ? 'system' : role,
      content,
    }))
    const ids = this.#partsOf(this.#template.render(known)).flatMap((part) =>
      'id' in part ? [part.id] : this.#plain(part.text),
    )
    return Uint32Array.from(this.#withBos(ids))
  }

  /** The tokens that every conversation without a system message starts with. */
  constantPrefix(): Uint32Array {
    if (this.#template === undefined) return new Uint32Array(0)
    const [first, ...others] = ['a', '0', '\n', ' '].map((content) =>
      this.render([{ role: 'user', content }]),
    )
    if (first === undefined) return new Uint32Array(0)
    const differs = first.findIndex((id, i) => others.some((ids) => ids[i] !== id))
    return first.slice(0, Math.max(0, differs))
  }

  /** Text of both kinds between two special tokens is one part. */
  #partsOf(pieces: readonly Piece[]): Part[] {
    const parts: Part[] = []
    for (const { by, text } of pieces) {
      for (const part of by === 'template' ? this.#special.split(text) : [{ text }]) {
        const last = parts.at(-1)
        if ('text' in part && last !== undefined && 'text' in last) {
          parts[parts.length - 1] = { text: last.text + part.text }
        } else parts.push(part)
      }
    }
    return parts
  }

  #plain(text: string): number[] {
    const ids = this.#special
      .cut(text)
      .filter((piece) => piece !== '')
      .flatMap((piece) => [...this.#vocabulary.tokenize(piece, 'plain')])
    // Cannot happen; if a vocabulary finds a way, nobody's words open a role.
    const forged = ids.filter((id) => this.#special.isSpecial(id)).length
    if (forged > 0) throw new Fault('ENGINE_TEMPLATE', `${forged} special tokens in plain text`)
    return ids
  }

  #withBos(ids: number[]): number[] {
    const { addsBos, bos } = this.#vocabulary
    return addsBos && bos !== null && ids[0] !== bos ? [bos, ...ids] : ids
  }
}

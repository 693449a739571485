/**
 * The vocabulary of the loaded model: text to token ids and back.
 *
 * What it gives: every id is checked before a native call, because an id outside the vocabulary
 * aborts the process. What it does not give: bounds on the text; `prompt-bounds.ts` has them.
 *
 * @packageDocumentation
 */
import { TOKEN_ATTRIBUTE, type AddonModel } from './llama-internals.ts'

export interface SpecialToken {
  readonly id: number
  readonly text: string
  readonly kind: 'control' | 'user-defined'
}

const REPLACEMENT = '\u{fffd}'
const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/

/**
 * GPT-2's table: the character that stands for each byte in a byte-level vocabulary.
 * Printable Latin-1 stands for itself; the other 68 bytes are moved to 256 and on, in order.
 */
function byteOfCharacter(): ReadonlyMap<string, number> {
  const table = new Map<string, number>()
  let moved = 256
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    table.set(String.fromCharCode(printable ? byte : moved++), byte)
  }
  return table
}

const BYTE_OF_CHARACTER = byteOfCharacter()

/** Pure: the bytes that a vocabulary entry spells, or null when it is not written in bytes. */
export function bytesOfEntry(entry: string): Uint8Array | null {
  const byte = BYTE_TOKEN.exec(entry)?.[1]
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16))
  const bytes = Array.from(entry, (character) => BYTE_OF_CHARACTER.get(character) ?? -1)
  return bytes.includes(-1) ? null : Uint8Array.from(bytes)
}

export class ModelVocabulary {
  readonly size: number
  readonly addsBos: boolean
  readonly bos: number | null
  readonly eos: number | null
  readonly eot: number | null
  /** Of a model that was trained to fill a gap between two texts. */
  readonly gap: { readonly prefix: number; readonly suffix: number; readonly middle: number } | null
  readonly #model: AddonModel
  readonly #special: readonly SpecialToken[]
  /** A token and its text, put before others so that no leading space is taken off them. */
  readonly #anchor: { readonly id: number; readonly text: string }
  readonly #ends: ReadonlySet<number>

  constructor(model: AddonModel, size: number) {
    this.#model = model
    this.size = size
    this.addsBos = model.shouldPrependBosToken()
    this.bos = this.#idOrNull(model.tokenBos())
    this.eos = this.#idOrNull(model.tokenEos())
    this.eot = this.#idOrNull(model.eotToken())
    this.gap = this.#findGap(model)
    const special: SpecialToken[] = []
    const ends = new Set<number>()
    for (let id = 0; id < size; id++) {
      const attributes = model.getTokenAttributes(id)
      if (model.isEogToken(id)) ends.add(id)
      if ((attributes & TOKEN_ATTRIBUTE.control) !== 0) {
        special.push({ id, text: model.getTokenString(id), kind: 'control' })
      } else if ((attributes & TOKEN_ATTRIBUTE.userDefined) !== 0) {
        special.push({ id, text: model.getTokenString(id), kind: 'user-defined' })
      }
    }
    this.#special = special
    this.#ends = ends
    const anchorId = model.tokenize('a', false).at(-1) ?? 0
    this.#anchor = { id: anchorId, text: model.detokenize(Uint32Array.of(anchorId), false) }
  }

  #findGap(model: AddonModel): ModelVocabulary['gap'] {
    const prefix = this.#idOrNull(model.prefixToken())
    const suffix = this.#idOrNull(model.suffixToken())
    const middle = this.#idOrNull(model.middleToken())
    return prefix === null || suffix === null || middle === null ? null : { prefix, suffix, middle }
  }

  #idOrNull(id: number): number | null {
    return id >= 0 && id < this.size ? id : null
  }

  /** `plain`: no text becomes a control token. Synchronous, about 0.5 µs a byte. */
  tokenize(text: string, mode: 'plain' | 'special'): Uint32Array {
    return this.#model.tokenize(text, mode === 'special')
  }

  specialTokens(): readonly SpecialToken[] {
    return this.#special
  }

  /** Whether the token ends the answer. */
  endsAnswer(id: number): boolean {
    return this.#ends.has(id)
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.size
  }

  /** As the vocabulary spells it, for templates that name bos and eos. */
  textOf(id: number): string {
    this.#check(id)
    return this.#model.getTokenString(id)
  }

  /** The text of all ids at once, control tokens left out; for tests and comparisons. */
  detokenize(ids: Uint32Array): string {
    ids.forEach((id) => {
      this.#check(id)
    })
    return this.#model.detokenize(ids, false)
  }

  /**
   * The bytes that a token adds to an answer; none for control tokens. A token may end inside a
   * character, which a JavaScript string cannot say, so those are read from the vocabulary's entry.
   */
  bytesOf(id: number): Uint8Array {
    this.#check(id)
    const { id: anchor, text } = this.#anchor
    const added = this.#model.detokenize(Uint32Array.of(anchor, id), false).slice(text.length)
    if (!added.includes(REPLACEMENT)) return Buffer.from(added, 'utf8')
    return bytesOfEntry(this.#model.getTokenString(id)) ?? Buffer.from(added, 'utf8')
  }

  #check(id: number): void {
    if (!this.has(id)) throw new RangeError(`token ${id} is not in a vocabulary of ${this.size}`)
  }
}

/**
 * What a client sent in this request, asked whether a value was in it.
 *
 * What it gives: the same answer for `+49 30 12345` and `+49-3012345`, in any case. What it does not
 * give: the same value written in another way (a number without its country's prefix).
 *
 * @packageDocumentation
 */
const LETTER = /[\p{L}\p{N}]/u

/** Its letters and digits, and between which of them something else stood. */
interface Letters {
  readonly text: string
  /** For each unit, and behind the last one: 1 when a word of the text may begin or end there. */
  readonly isEdge: Uint8Array
}

export class OwnValues {
  readonly #texts: readonly string[]
  #letters: readonly Letters[] | null = null
  /** Value → whether it was sent; a model that repeats itself asks the same again. */
  readonly #answers = new Map<string, boolean>()

  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  has(value: string): boolean {
    const sought = lettersOf(value).text
    if (sought === '') return false
    const known = this.#answers.get(sought)
    if (known !== undefined) return known
    // Most answers name nobody, so most prompts are never read for it.
    this.#letters ??= this.#texts.map(lettersOf)
    const isThere = this.#letters.some((letters) => stands(letters, sought))
    this.#answers.set(sought, isThere)
    return isThere
  }
}

function stands({ text, isEdge }: Letters, sought: string): boolean {
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + 1)) {
    if (isEdge[at] === 1 && isEdge[at + sought.length] === 1) return true
  }
  return false
}

function lettersOf(given: string): Letters {
  const folded = given.normalize('NFKC').toLowerCase()
  const kept: string[] = []
  const isEdge = new Uint8Array(folded.length + 1)
  let at = 0
  isEdge[0] = 1
  for (const character of folded) {
    if (LETTER.test(character)) {
      kept.push(character)
      at += character.length
    } else isEdge[at] = 1
  }
  isEdge[at] = 1
  return { text: kept.join(''), isEdge }
}

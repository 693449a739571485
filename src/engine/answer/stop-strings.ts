/**
 * Stop strings in a stream of text, wherever the stream is cut.
 *
 * What it gives: how much of the text is safe to send, and where the answer stops. Text is held back
 * only while it may still become a stop string. The stop that completes first wins; of two that
 * complete together, the longer. What it does not give: cuts at whole tokens; `answer-text.ts` does.
 *
 * @packageDocumentation
 */

/** For each length of `pattern`, the longest proper start of it that is also its end (KMP). */
function borders(pattern: string): Uint16Array {
  const table = new Uint16Array(pattern.length + 1)
  let length = 0
  for (let at = 1; at < pattern.length; at++) {
    while (length > 0 && pattern[at] !== pattern[length]) length = table[length] ?? 0
    if (pattern[at] === pattern[length]) length++
    table[at + 1] = length
  }
  return table
}

interface Automaton {
  /** In the list that was given. */
  readonly index: number
  readonly pattern: string
  readonly borders: Uint16Array
  matched: number
}

function advance(automaton: Automaton, unit: string): number {
  const { pattern, borders } = automaton
  let { matched } = automaton
  while (matched > 0 && unit !== pattern[matched]) matched = borders[matched] ?? 0
  if (unit === pattern[matched]) matched++
  automaton.matched = matched
  return matched
}

export class StopMatcher {
  readonly #automata: readonly Automaton[]
  #units = 0
  #safe = 0
  #stoppedBy: number | null = null

  /** @param stops - A stop that is not well-formed Unicode cannot occur in text and is left out. */
  constructor(stops: readonly string[]) {
    this.#automata = stops.flatMap((pattern, index) =>
      pattern.length > 0 && pattern.isWellFormed()
        ? [{ index, pattern, borders: borders(pattern), matched: 0 }]
        : [],
    )
  }

  /** UTF-16 units since the start of the answer that can be sent. Final once stopped. */
  get safeUnits(): number {
    return this.#safe
  }

  get stopped(): boolean {
    return this.#stoppedBy !== null
  }

  /** Which of the stops it was. */
  get stoppedBy(): number | null {
    return this.#stoppedBy
  }

  /** What is pushed after a stop is dropped. */
  push(text: string): void {
    for (let at = 0; at < text.length && !this.stopped; at++) {
      this.#units++
      const matched = this.#automata.map((automaton) => advance(automaton, text.charAt(at)))
      const complete = this.#automata.filter(({ pattern, matched }) => matched === pattern.length)
      const [longest] = complete.toSorted((a, b) => b.pattern.length - a.pattern.length)
      this.#stoppedBy = longest?.index ?? null
      this.#safe = this.#units - (longest?.pattern.length ?? Math.max(0, ...matched))
    }
  }
}

/**
 * Many words asked for at one place with one walk.
 *
 * @packageDocumentation
 */
export interface PrefixNode<T> {
  readonly next: Map<number, PrefixNode<T>>
  /** What belongs to the word that ends here. */
  readonly values: T[]
}

export function newNode<T>(): PrefixNode<T> {
  return { next: new Map(), values: [] }
}

export function addWord<T>(root: PrefixNode<T>, word: string, value: T): void {
  let node = root
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i)
    const known = node.next.get(unit)
    const child = known ?? newNode<T>()
    if (known === undefined) node.next.set(unit, child)
    node = child
  }
  node.values.push(value)
}

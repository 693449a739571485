/**
 * How far a match goes on behind what was sure of it.
 *
 * @packageDocumentation
 */
import type { Reach, Rest } from './detector.ts'

/** `pause`: the text stops and goes on later; `end`: nothing comes. */
export type State = 'more' | 'pause' | 'end'

export function reachOf(rest: Rest, text: string, from: number, state: State): Reach {
  if ('follow' in rest) return rest.follow(text, from, state !== 'more')
  if ('while' in rest) return reachWhile(rest.while, text, from, state)
  const match = rest.until.exec(text.slice(from))
  if (match !== null) return { to: from + match.index + match[0].length, isOver: true }
  if (state !== 'more') return { to: text.length, isOver: state === 'end' }
  // Its end may have begun already.
  return { to: Math.max(from, text.length - rest.untilMaxChars), isOver: false }
}

function reachWhile(body: RegExp, text: string, from: number, state: State): Reach {
  let to = from
  while (to < text.length && body.test(text.charAt(to))) to++
  return { to, isOver: to < text.length || state !== 'more' }
}

/** Whether a pause is in the middle of it: a block without its end stays masked. */
export function outlivesPause(rest: Rest | undefined): boolean {
  return rest !== undefined && 'until' in rest
}

/**
 * How much of two prompts is the same.
 *
 * @packageDocumentation
 */

/** Tokens that both start with. */
export function commonPrefix(a: Uint32Array, b: Uint32Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return at
  return shorter
}

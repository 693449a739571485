/**
 * Whose turn it is when several clients wait: a pure decision.
 *
 * Places are shared by clients, not by requests: who sends fifty at once does not stand before
 * another client fifty times. A client that is alone gets every place.
 *
 * @packageDocumentation
 */

/**
 * Who is next: of the clients that wait, the one that is served least, and its oldest request.
 *
 * @param waiting - Client names in the order in which their requests came.
 * @param served - A client's name for each request that is past this line.
 * @returns An index of `waiting`; -1 when it is empty.
 */
export function nextTurn(waiting: readonly string[], served: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const client of served) counts.set(client, (counts.get(client) ?? 0) + 1)
  const loads = waiting.map((client) => counts.get(client) ?? 0)
  return loads.indexOf(Math.min(...loads))
}

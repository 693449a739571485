/**
 * Whose turn it is when several clients wait: a pure decision.
 *
 * Places are shared by clients, not by requests: who sends fifty at once does not stand before
 * another client fifty times. A client that is alone gets every place.
 *
 * @packageDocumentation
 */

/**
 * Who is next: of the clients that wait, one that is served least; of those the one whose last turn
 * is longest ago, and its oldest request.
 *
 * @param waiting - Client names in the order in which their requests came.
 * @param served - A client's name for each request that is past this line.
 * @param lastTurns - When each client was last next; any number that grows. Absent: never.
 * @returns An index of `waiting`; -1 when it is empty.
 */
export function nextTurn(
  waiting: readonly string[],
  served: readonly string[],
  lastTurns: ReadonlyMap<string, number>,
): number {
  const counts = new Map<string, number>()
  for (const client of served) counts.set(client, (counts.get(client) ?? 0) + 1)
  const order = waiting.map((client, at) => ({
    at,
    load: counts.get(client) ?? 0,
    turn: lastTurns.get(client) ?? 0,
  }))
  return order.sort((a, b) => a.load - b.load || a.turn - b.turn || a.at - b.at)[0]?.at ?? -1
}

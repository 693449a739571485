/**
 * Who gets a free seat, and who leaves a full line: pure decisions.
 *
 * Seats are shared by clients, not by requests. A client that is alone may hold all of them; as soon
 * as others wait, the next free one is theirs, however many requests the first has in the line.
 *
 * @packageDocumentation
 */

/** How many requests each client has somewhere; a client without any is absent. */
export type Counts = ReadonlyMap<string, number>

export function countByClient(clients: Iterable<string>): Counts {
  const counts = new Map<string, number>()
  for (const client of clients) counts.set(client, (counts.get(client) ?? 0) + 1)
  return counts
}

/** What clients have, and had. */
export interface Standing {
  readonly seated: Counts
  /** When each client was last seated; any number that grows. Absent: never. */
  readonly lastTurns: ReadonlyMap<string, number>
}

/**
 * Who of the line is seated next: of the clients below their limit, one with the fewest seats; of
 * those the one whose last turn is longest ago, and its oldest request.
 *
 * @param line - A client's name for each request that waits, in the order in which they came.
 * @returns An index of `line`, or -1 when nobody in it may have a seat.
 */
export function nextInLine(
  line: readonly string[],
  { seated, lastTurns }: Standing,
  maxPerClient: number,
): number {
  const order = line
    .map((client, at) => ({
      at,
      seats: seated.get(client) ?? 0,
      turn: lastTurns.get(client) ?? 0,
    }))
    .filter(({ seats }) => seats < maxPerClient)
  return order.sort((a, b) => a.seats - b.seats || a.turn - b.turn || a.at - b.at)[0]?.at ?? -1
}

/**
 * Who leaves a full line for a newcomer: the last request of the client with the most in it, if that
 * leaves the client with no fewer than the newcomer's has.
 *
 * @returns An index of `line`, or -1 when the newcomer is the one to be refused.
 */
export function whoMakesRoom(line: readonly string[], newcomer: string): number {
  const waiting = countByClient(line)
  const most = Math.max(0, ...waiting.values())
  if (most < (waiting.get(newcomer) ?? 0) + 2) return -1
  return line.findLastIndex((client) => waiting.get(client) === most)
}

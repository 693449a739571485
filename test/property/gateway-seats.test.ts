import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countByClient, nextInLine, whoMakesRoom } from '../../src/gateway/seat-order.ts'
import { Seats } from '../../src/gateway/seats.ts'

const Client = fc.constantFrom('anna', 'bert', 'carl', 'dora')
const Line = fc.array(Client, { maxLength: 24 })
const of = (clients: readonly string[], client: string) =>
  clients.filter((other) => other === client).length

const Turns = fc.dictionary(Client, fc.integer({ min: 1, max: 9 }))
const Limit = fc.integer({ min: 1, max: 9 })

test('who is seated next has the fewest, had its turn longest ago, and has waited longest', () => {
  fc.assert(
    fc.property(Line, Line, Turns, Limit, (line, seated, turns, maxPerClient) => {
      const standing = { seated: countByClient(seated), lastTurns: new Map(Object.entries(turns)) }
      const at = nextInLine(line, standing, maxPerClient)
      const rank = (client: string) => {
        const seats = of(seated, client)
        return seats < maxPerClient ? seats * 100 + (turns[client] ?? 0) : Infinity
      }
      const least = Math.min(Infinity, ...line.map(rank))
      const expected = line.findIndex((client) => rank(client) === least)
      expect(at).toBe(least === Infinity ? -1 : expected)
    }),
  )
})

describe('who makes room in a full line', () => {
  test('has the most in it, and is left with no fewer than the newcomer gets', () => {
    fc.assert(
      fc.property(Line, Client, (line, newcomer) => {
        const at = whoMakesRoom(line, newcomer)
        const most = Math.max(0, ...line.map((client) => of(line, client)))
        if (at < 0) {
          expect(most).toBeLessThan(of(line, newcomer) + 2)
          return
        }
        const leaving = line[at]!
        expect(leaving).not.toBe(newcomer)
        expect(of(line, leaving)).toBe(most)
        expect(line.slice(at + 1)).not.toContain(leaving)
        const after = [...line.toSpliced(at, 1), newcomer]
        expect(of(after, leaving)).toBeGreaterThanOrEqual(of(after, newcomer))
        // And it does not get back in by the same rule.
        expect(
          whoMakesRoom(after, leaving) >= 0 && leaving === after[whoMakesRoom(after, leaving)],
        ).toBe(false)
      }),
    )
  })

  test('nobody, when each has one', () => {
    expect(whoMakesRoom(['anna', 'bert'], 'carl')).toBe(-1)
    expect(whoMakesRoom([], 'carl')).toBe(-1)
  })
})

const Limits = fc.record({
  max: fc.integer({ min: 1, max: 8 }),
  maxPerClient: fc.integer({ min: 1, max: 8 }),
  maxWaiting: fc.integer({ min: 0, max: 12 }),
})
const Acts = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('come' as const), client: Client }),
    fc.record({ act: fc.constant('go' as const), at: fc.nat() }),
    fc.record({ act: fc.constant('give up' as const), at: fc.nat() }),
  ),
  { maxLength: 60 },
)

interface Guest {
  readonly client: string
  readonly patience: AbortController
  state: 'waits' | 'sits' | 'refused' | 'gone'
}

describe('the seats', () => {
  test('whatever comes and goes: never too many, never one free that somebody may have', async () => {
    await fc.assert(
      fc.asyncProperty(Limits, Acts, async (limits, acts) => {
        const seats = new Seats(limits)
        const guests: Guest[] = []
        const those = (state: Guest['state']) => guests.filter((guest) => guest.state === state)
        for (const step of acts) {
          if (step.act === 'come') {
            const patience = new AbortController()
            const guest: Guest = { client: step.client, patience, state: 'waits' }
            guests.push(guest)
            void seats.wait(step.client, patience.signal).then((isSeated) => {
              guest.state = isSeated ? 'sits' : 'refused'
            })
          } else {
            const some = those(step.act === 'go' ? 'sits' : 'waits')
            const guest = some[step.at % Math.max(some.length, 1)]
            if (guest === undefined) continue
            if (step.act === 'give up') guest.patience.abort()
            else {
              guest.state = 'gone'
              seats.free(guest.client)
            }
          }
          await new Promise((resolve) => setImmediate(resolve))
          const sitting = those('sits').map(({ client }) => client)
          const waiting = those('waits').map(({ client }) => client)
          expect([seats.taken, seats.waiting]).toEqual([sitting.length, waiting.length])
          expect(sitting.length).toBeLessThanOrEqual(limits.max)
          expect(waiting.length).toBeLessThanOrEqual(limits.maxWaiting)
          for (const client of sitting) {
            expect(of(sitting, client)).toBeLessThanOrEqual(limits.maxPerClient)
          }
          if (sitting.length < limits.max) {
            for (const client of waiting) expect(of(sitting, client)).toBe(limits.maxPerClient)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  test('a crowd of one client never keeps another from the next free seat', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 100 }),
        async (max, crowd) => {
          const seats = new Seats({ max, maxPerClient: max, maxWaiting: 8 * max })
          const never = new AbortController().signal
          for (let n = 0; n < max + crowd; n++) void seats.wait('hog', never)
          // Alone, it has every seat.
          expect(seats.takenBy('hog')).toBe(max)
          const other = seats.wait('other', never)
          seats.free('hog')
          expect(await other).toBe(true)
          expect([seats.taken, seats.takenBy('other')]).toEqual([max, 1])
        },
      ),
    )
  })

  test('a seat is given back once', () => {
    const seats = new Seats({ max: 2, maxPerClient: 2, maxWaiting: 0 })
    expect(seats.take('anna')).toBe(true)
    seats.free('anna')
    expect(() => {
      seats.free('anna')
    }).toThrow(RangeError)
  })
})

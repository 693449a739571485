import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextTurn } from '../../src/engine/turns.ts'

const Client = fc.constantFrom('anna', 'bert', 'carl', 'dora')
const Clients = fc.array(Client, { maxLength: 20 })
const Turns = fc.dictionary(Client, fc.integer({ min: 1, max: 9 }))
const NEVER = new Map<string, number>()
const count = (clients: readonly string[], client: string) =>
  clients.filter((other) => other === client).length

test('the next one is served least, its last turn is longest ago, and it has waited longest', () => {
  fc.assert(
    fc.property(Clients, Clients, Turns, (waiting, served, turns) => {
      const at = nextTurn(waiting, served, new Map(Object.entries(turns)))
      if (waiting.length === 0) {
        expect(at).toBe(-1)
        return
      }
      const rank = (client: string) => count(served, client) * 100 + (turns[client] ?? 0)
      const least = Math.min(...waiting.map(rank))
      expect(at).toBe(waiting.findIndex((client) => rank(client) === least))
    }),
  )
})

test('a client alone is served in order; of a crowd nobody waits for a second place of another', () => {
  fc.assert(
    fc.property(Clients, fc.integer({ min: 1, max: 8 }), (arrivals, places) => {
      const waiting = [...arrivals]
      const served: string[] = []
      while (served.length < places && waiting.length > 0) {
        served.push(...waiting.splice(nextTurn(waiting, served, NEVER), 1))
      }
      for (const left of waiting) {
        for (const client of served) {
          // Nobody who waits is more than one place behind anybody.
          expect(count(served, client) - count(served, left)).toBeLessThanOrEqual(1)
        }
      }
    }),
  )
  expect(nextTurn(['anna', 'anna'], Array(7).fill('anna'), NEVER)).toBe(0)
})

test('with one place clients take turns, whatever one of them has in the line', () => {
  const lastTurns = new Map<string, number>()
  const waiting = [...Array<string>(5).fill('anna'), 'bert', 'bert', 'carl']
  const order: string[] = []
  while (waiting.length > 0) {
    const [client] = waiting.splice(nextTurn(waiting, [], lastTurns), 1)
    lastTurns.set(client!, order.push(client!))
  }
  expect(order.join(' ')).toBe('anna bert carl anna bert anna anna anna')
})

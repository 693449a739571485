import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextTurn } from '../../src/engine/turns.ts'

const Client = fc.constantFrom('anna', 'bert', 'carl', 'dora')
const Clients = fc.array(Client, { maxLength: 20 })
const count = (clients: readonly string[], client: string) =>
  clients.filter((other) => other === client).length

test('the next one is served least of all that wait, and has waited longest of those', () => {
  fc.assert(
    fc.property(Clients, Clients, (waiting, served) => {
      const at = nextTurn(waiting, served)
      if (waiting.length === 0) {
        expect(at).toBe(-1)
        return
      }
      const load = count(served, waiting[at]!)
      for (const [other, client] of waiting.entries()) {
        expect(count(served, client)).toBeGreaterThanOrEqual(load)
        if (count(served, client) === load) expect(other).toBeGreaterThanOrEqual(at)
      }
    }),
  )
})

test('a client alone is served in order; of a crowd nobody waits for a second place of another', () => {
  fc.assert(
    fc.property(Clients, fc.integer({ min: 1, max: 8 }), (arrivals, places) => {
      const waiting = [...arrivals]
      const served: string[] = []
      while (served.length < places && waiting.length > 0) {
        served.push(...waiting.splice(nextTurn(waiting, served), 1))
      }
      for (const left of waiting) {
        for (const client of served) {
          // Nobody who waits is more than one place behind anybody.
          expect(count(served, client) - count(served, left)).toBeLessThanOrEqual(1)
        }
      }
    }),
  )
  expect(nextTurn(['anna', 'anna'], Array(7).fill('anna'))).toBe(0)
})

import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { decideRestart, describeDeath } from '../../src/cli/serve/restart-policy.ts'

const killed = { exitCode: null, signal: 'SIGKILL' }

describe('decideRestart', () => {
  test.each([
    { earlier: 0, afterMs: 200 },
    { earlier: 1, afterMs: 400 },
    { earlier: 3, afterMs: 1600 },
    { earlier: 6, afterMs: 10_000 },
    { earlier: 15, afterMs: 10_000 },
  ])('waits $afterMs ms after $earlier deaths in a row', ({ earlier, afterMs }) => {
    const deathsMs = Array.from({ length: earlier }, (_, at) => 1000 * at)
    const history = { deathsMs, nowMs: 1000 * earlier, served: true }
    expect(decideRestart(killed, history)).toEqual({ kind: 'restart', afterMs })
  })

  test('a quiet minute makes the next death a first one', () => {
    const history = { deathsMs: [0, 100, 200], nowMs: 60_200, served: true }
    expect(decideRestart(killed, history)).toEqual({ kind: 'restart', afterMs: 200 })
  })

  test.each([EXIT.permanent, EXIT.usage])('exit code %i stops everything', (exitCode) => {
    const history = { deathsMs: [], nowMs: 0, served: true }
    expect(decideRestart({ exitCode, signal: null }, history)).toEqual({
      kind: 'stop',
      why: 'permanent',
    })
  })

  test.each([EXIT.ok, EXIT.bug, EXIT.passing])('exit code %i is restarted', (exitCode) => {
    const history = { deathsMs: [], nowMs: 0, served: true }
    expect(decideRestart({ exitCode, signal: null }, history).kind).toBe('restart')
  })

  test('a daemon that never answered gives up at the fifth death, one that did never', () => {
    const deathsMs = [0, 1, 2, 3]
    expect(decideRestart(killed, { deathsMs, nowMs: 4, served: false })).toEqual({
      kind: 'stop',
      why: 'never-served',
    })
    expect(decideRestart(killed, { deathsMs, nowMs: 4, served: true }).kind).toBe('restart')
  })
})

test('a death says its code or its signal', () => {
  expect(describeDeath(killed)).toBe('signal SIGKILL')
  expect(describeDeath({ exitCode: 75, signal: null })).toBe('exit code 75')
})

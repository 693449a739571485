/** Whoever asks, in whatever order: the budget holds, and only those end that may and must. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { budgetFor, findRoom, type Resident } from '../../src/cli/serve/model-memory.ts'

const residents = fc
  .array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 100 }),
      stays: fc.boolean(),
      idles: fc.boolean(),
      lastWorkMs: fc.integer({ min: 0, max: 1000 }),
    }),
    { maxLength: 8 },
  )
  .map((rows): Resident[] => rows.map((row, at) => ({ ...row, name: `m${at}` })))

const sum = (rows: readonly Resident[]) => rows.reduce((total, { bytes }) => total + bytes, 0)

test('room is found exactly when it can be made without ending one that stays or works', () => {
  fc.assert(
    fc.property(
      residents,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 600 }),
      (others, bytes, budget) => {
        const room = findRoom(budget, bytes, others)
        const mayEnd = others.filter(({ stays, idles }) => !stays && idles)
        const left = others.filter((one) => !mayEnd.includes(one))
        if (room.kind === 'fits') expect(sum(others) + bytes).toBeLessThanOrEqual(budget)
        else expect(sum(others) + bytes).toBeGreaterThan(budget)
        if (room.kind === 'never') {
          expect(sum(others.filter(({ stays }) => stays)) + bytes).toBeGreaterThan(budget)
        }
        if (room.kind === 'busy') expect(sum(left) + bytes).toBeGreaterThan(budget)
        if (room.kind !== 'ends') return
        const ending = others.filter(({ name }) => room.names.includes(name))
        expect(ending.every((one) => mayEnd.includes(one))).toBe(true)
        const stay = others.filter((one) => !ending.includes(one))
        expect(sum(stay) + bytes).toBeLessThanOrEqual(budget)
        // None of them ends for nothing.
        for (const one of ending) expect(sum([...stay, one]) + bytes).toBeGreaterThan(budget)
      },
    ),
    { numRuns: 5000 },
  )
})

test('the one that has idled longest ends first', () => {
  const row = { bytes: 10, stays: false, idles: true }
  const others = [
    { ...row, name: 'young', lastWorkMs: 300 },
    { ...row, name: 'old', lastWorkMs: 100 },
    { ...row, name: 'middle', lastWorkMs: 200 },
  ]
  expect(findRoom(30, 10, others)).toEqual({ kind: 'ends', names: ['old'] })
  expect(findRoom(30, 20, others)).toEqual({ kind: 'ends', names: ['old', 'middle'] })
  expect(findRoom(30, 31, others)).toEqual({ kind: 'never', freeBytes: 30 })
})

describe('the budget', () => {
  test.each([
    ['as it is set', 5000, { availableBytes: 100, allowedBytes: 100 }, 5000],
    ['four fifths of what is available', 0, { availableBytes: 1000, allowedBytes: Infinity }, 800],
    ['or of what the control group allows', 0, { availableBytes: 1000, allowedBytes: 500 }, 400],
  ])('%s', (_what, setting, machine, expected) => {
    expect(budgetFor(setting, machine)).toBe(expected)
  })
})

import { expect, test } from 'vitest'
import { WorkWatch } from '../../src/engine/work-watch.ts'

const QUIET = { running: 0, started: 0, pendingBytes: 0 }

test('tells each time work begins and ends, and when it came and went in between', () => {
  const watch = new WorkWatch({ idleMs: 0, nowMs: 0 })
  expect(watch.look(QUIET, 1)).toEqual({ tell: null, end: null })
  expect(watch.look({ ...QUIET, running: 2, started: 2 }, 2)).toEqual({ tell: 2, end: null })
  expect(watch.look({ ...QUIET, running: 1, started: 2 }, 3)).toEqual({ tell: null, end: null })
  expect(watch.look({ ...QUIET, started: 2 }, 4)).toEqual({ tell: 0, end: null })
  expect(watch.look({ ...QUIET, started: 3 }, 5)).toEqual({ tell: 0, end: null })
  expect(watch.look({ ...QUIET, started: 3 }, 1e9)).toEqual({ tell: null, end: null })
})

test('ends after idleMs without work, counted from the last of it', () => {
  const watch = new WorkWatch({ idleMs: 100, nowMs: 0 })
  const busy = { ...QUIET, running: 1, started: 1 }
  expect(watch.look(QUIET, 99).end).toBeNull()
  expect(watch.look(busy, 150).end).toBeNull()
  expect(watch.look(busy, 10_000).end).toBeNull()
  const done = { ...QUIET, started: 1 }
  expect(watch.look(done, 10_010).end).toBeNull()
  expect(watch.look(done, 10_109).end).toBeNull()
  expect(watch.look(done, 10_110).end).toBe('idle')
})

test('asked to end: with the last job, and not before its last words are read', () => {
  const watch = new WorkWatch({ idleMs: 0, nowMs: 0 })
  watch.askToEnd()
  expect(watch.isEnding).toBe(true)
  expect(watch.look({ running: 1, started: 1, pendingBytes: 0 }, 1).end).toBeNull()
  expect(watch.look({ running: 0, started: 1, pendingBytes: 5 }, 2).end).toBeNull()
  expect(watch.look({ running: 0, started: 1, pendingBytes: 0 }, 3).end).toBe('asked')
})

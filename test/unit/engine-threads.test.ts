import { expect, test } from 'vitest'
import {
  followMachine,
  othersRunnable,
  startThreads,
  type ThreadState,
} from '../../src/engine/threads.ts'

interface Step {
  readonly stepMs: number
  readonly others: number | null
  readonly tokens?: number
}

/** Steps one after the other; the clock moves by each step's time. */
function run(state: ThreadState, steps: readonly Step[], startMs: number) {
  let nowMs = startMs
  let after = state
  for (const { stepMs, others, tokens = 1 } of steps) {
    nowMs += stepMs
    after = followMachine(after, { nowMs, tokens, stepMs, othersRunnable: others })
  }
  return { state: after, nowMs }
}

const repeat = (count: number, step: Step) => new Array<Step>(count).fill(step)
const learned = run(startThreads(4), repeat(20, { stepMs: 10, others: 0 }), 0)

test('a quiet machine keeps all threads', () => {
  expect(learned.state.threads).toBe(4)
})

test('one step 2.5 times slower than the best goes to one thread, and stays for 100 ms', () => {
  const slow = run(learned.state, [{ stepMs: 26, others: 1 }], learned.nowMs)
  expect(slow.state.threads).toBe(1)
  const soon = run(slow.state, repeat(5, { stepMs: 15, others: 0 }), slow.nowMs)
  expect(soon.state.threads).toBe(1)
  // Eight quiet samples later.
  const later = run(soon.state, repeat(8, { stepMs: 15, others: 0 }), soon.nowMs)
  expect(later.state.threads).toBe(4)
})

test('a busy run queue keeps one thread for as long as it is busy', () => {
  const slow = run(learned.state, [{ stepMs: 200, others: 2 }], learned.nowMs)
  const busy = run(slow.state, repeat(200, { stepMs: 15, others: 1 }), slow.nowMs)
  expect(busy.state.threads).toBe(1)
  const quiet = run(busy.state, repeat(20, { stepMs: 15, others: 0 }), busy.nowMs)
  expect(quiet.state.threads).toBe(4)
})

test('the hold doubles while it happens again, up to 4 s, and is short again after 3 good seconds', () => {
  let { state, nowMs } = learned
  const holds: number[] = []
  for (let round = 0; round < 8; round++) {
    const slow = run(state, [{ stepMs: 300, others: 0 }], nowMs)
    holds.push(slow.state.holdUntilMs - slow.nowMs)
    const back = run(slow.state, repeat(400, { stepMs: 15, others: 0 }), slow.nowMs)
    // Back at all threads, but not for three seconds yet.
    state = { ...back.state, raisedAtMs: back.nowMs, holdMs: slow.state.holdMs }
    nowMs = back.nowMs
    expect(state.threads).toBe(4)
  }
  expect(holds).toEqual([100, 200, 400, 800, 1600, 3200, 4000, 4000])
  const good = run(state, repeat(310, { stepMs: 10, others: 0 }), nowMs)
  expect(good.state.holdMs).toBe(100)
})

test('steps of different width are not compared', () => {
  const wide = run(learned.state, [{ stepMs: 400, others: 0, tokens: 256 }], learned.nowMs)
  expect(wide.state.threads).toBe(4)
  // But a slow wide one is compared with wide ones.
  const slow = run(wide.state, [{ stepMs: 1200, others: 0, tokens: 256 }], wide.nowMs)
  expect(slow.state.threads).toBe(1)
})

test('a slow start does not teach that slow is normal', () => {
  const start = run(startThreads(2), [{ stepMs: 100, others: 0 }], 0)
  const fast = run(start.state, repeat(40, { stepMs: 10, others: 0 }), start.nowMs)
  expect(run(fast.state, [{ stepMs: 40, others: 0 }], fast.nowMs).state.threads).toBe(1)
})

test('without a load average the step times alone decide', () => {
  const slow = run(learned.state, [{ stepMs: 30, others: null }], learned.nowMs)
  expect(slow.state.threads).toBe(1)
})

test('one core: one thread always', () => {
  const one = run(
    startThreads(1),
    [
      { stepMs: 10, others: 0 },
      { stepMs: 900, others: 3 },
    ],
    0,
  )
  expect(one.state.threads).toBe(1)
})

test('loadavg: others are the runnable ones without ourselves', () => {
  expect(othersRunnable('0.08 0.03 0.05 3/105 22987\n')).toBe(2)
  expect(othersRunnable('0.08 0.03 0.05 1/105 22987\n')).toBe(0)
  expect(othersRunnable('0.08 0.03 0.05 0/105 22987\n')).toBe(0)
  expect(othersRunnable('')).toBeNull()
})

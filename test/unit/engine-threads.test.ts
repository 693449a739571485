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

test('it begins with one thread, and takes all on a quiet machine, at once', () => {
  expect(startThreads(4).threads).toBe(1)
  expect(run(startThreads(4), [{ stepMs: 20, others: 0 }], 0).state.threads).toBe(4)
  expect(learned.state.threads).toBe(4)
})

test('started on a busy machine it stays with one thread until the others are gone', () => {
  const busy = run(startThreads(4), repeat(50, { stepMs: 20, others: 2 }), 0)
  expect(busy.state.threads).toBe(1)
  const quiet = run(busy.state, repeat(20, { stepMs: 20, others: 0 }), busy.nowMs)
  expect(quiet.state.threads).toBe(4)
})

test('one step 2.5 times slower, with somebody else there, goes to one thread for 100 ms', () => {
  const slow = run(learned.state, [{ stepMs: 26, others: 1 }], learned.nowMs)
  expect(slow.state.threads).toBe(1)
  const soon = run(slow.state, repeat(5, { stepMs: 15, others: 0 }), slow.nowMs)
  expect(soon.state.threads).toBe(1)
  // Eight quiet samples later.
  const later = run(soon.state, repeat(8, { stepMs: 15, others: 0 }), soon.nowMs)
  expect(later.state.threads).toBe(4)
})

test('slower than one thread alone is slow, whatever the best of all threads was', () => {
  const one = run(startThreads(4), [{ stepMs: 10, others: 0 }], 0)
  expect(one.state.threads).toBe(4)
  // The first step with four threads: nothing to compare it with but one thread.
  expect(run(one.state, [{ stepMs: 14, others: 1 }], one.nowMs).state.threads).toBe(1)
  expect(run(one.state, [{ stepMs: 12, others: 1 }], one.nowMs).state.threads).toBe(4)
})

test('a slow step on a quiet machine is a longer context: threads stay, and it is learnt', () => {
  const long = run(learned.state, repeat(60, { stepMs: 60, others: 0 }), learned.nowMs)
  expect(long.state.threads).toBe(4)
  // 60 ms are normal now, with somebody there too, as far as all threads are concerned.
  expect(long.state.bestMs.get('4:1')).toBeGreaterThan(50)
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
    const slow = run(state, [{ stepMs: 300, others: 1 }], nowMs)
    holds.push(slow.state.holdUntilMs - slow.nowMs)
    // One quiet step at a time, until all threads are back.
    let back = slow
    for (let step = 0; step < 400 && back.state.threads === 1; step++) {
      back = run(back.state, [{ stepMs: 15, others: 0 }], back.nowMs)
    }
    expect(back.state.threads).toBe(4)
    ;({ state, nowMs } = back)
  }
  expect(holds).toEqual([100, 200, 400, 800, 1600, 3200, 4000, 4000])
  const good = run(state, repeat(310, { stepMs: 10, others: 0 }), nowMs)
  expect(good.state.holdMs).toBe(100)
})

test('steps of different width are not compared', () => {
  const wide = run(learned.state, repeat(5, { stepMs: 400, others: 1, tokens: 256 }), learned.nowMs)
  expect(wide.state.threads).toBe(4)
  // But a slow wide one is compared with wide ones.
  const slow = run(wide.state, [{ stepMs: 1200, others: 1, tokens: 256 }], wide.nowMs)
  expect(slow.state.threads).toBe(1)
})

test('without a load average the step times alone decide', () => {
  const start = run(startThreads(4), repeat(20, { stepMs: 10, others: null }), 0)
  expect(start.state.threads).toBe(4)
  expect(run(start.state, [{ stepMs: 30, others: null }], start.nowMs).state.threads).toBe(1)
})

test('one core: one thread always', () => {
  const steps = [
    { stepMs: 10, others: 0 },
    { stepMs: 900, others: 3 },
  ]
  expect(run(startThreads(1), steps, 0).state.threads).toBe(1)
})

test('loadavg: others are the runnable ones without ourselves', () => {
  expect(othersRunnable('0.08 0.03 0.05 3/105 22987\n')).toBe(2)
  expect(othersRunnable('0.08 0.03 0.05 1/105 22987\n')).toBe(0)
  expect(othersRunnable('0.08 0.03 0.05 0/105 22987\n')).toBe(0)
  expect(othersRunnable('')).toBeNull()
})

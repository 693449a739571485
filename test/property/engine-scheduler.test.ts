import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ALIGNED_TOKENS,
  learnSpeed,
  planBatch,
  promptRoom,
  UNKNOWN_SPEED,
  type JobView,
} from '../../src/engine/scheduler.ts'

interface SimulatedJob {
  slot: number
  promptTokensLeft: number
  position: number
  servedStep: number
  cuts: 'fast' | 'fixed'
}

const Jobs = fc
  .uniqueArray(
    fc.record({
      slot: fc.integer({ min: 0, max: 31 }),
      promptTokensLeft: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
      position: fc.integer({ min: 0, max: 5000 }),
      servedStep: fc.integer({ min: 0, max: 50 }),
      cuts: fc.constant('fast' as const),
    }),
    { selector: ({ slot }) => slot, minLength: 1, maxLength: 32 },
  )
  .map((jobs): JobView[] => jobs)

const Limits = fc.record({
  batchTokens: fc.integer({ min: 1, max: 600 }),
  promptTokens: fc.integer({ min: 1, max: 600 }),
})

/** As the configuration allows: a token for every slot. */
const LargeLimits = fc.record({
  batchTokens: fc.integer({ min: 32, max: 600 }),
  promptTokens: fc.integer({ min: 1, max: 600 }),
})

test('a batch is never too large, and its slots ascend, each once, each with tokens it has', () => {
  fc.assert(
    fc.property(Jobs, Limits, (jobs, limits) => {
      const plan = planBatch(jobs, limits)
      const total = plan.reduce((sum, { tokens }) => sum + tokens, 0)
      expect(plan.length).toBeGreaterThan(0)
      expect(total).toBeLessThanOrEqual(limits.batchTokens)
      let last = -1
      let promptTokens = 0
      for (const { slot, tokens } of plan) {
        expect(slot).toBeGreaterThan(last)
        last = slot
        const job = jobs.find((candidate) => candidate.slot === slot)!
        expect(tokens).toBeGreaterThan(0)
        if (job.promptTokensLeft === 0) expect(tokens).toBe(1)
        else {
          expect(tokens).toBeLessThanOrEqual(job.promptTokensLeft)
          promptTokens += tokens
        }
      }
      expect(promptTokens).toBeLessThanOrEqual(limits.promptTokens)
    }),
  )
})

test('every stream is in every batch that has room for it', () => {
  fc.assert(
    fc.property(Jobs, Limits, (jobs, limits) => {
      const streams = jobs.filter((job) => job.promptTokensLeft === 0)
      const prompts = jobs.length - streams.length
      fc.pre(streams.length + Math.min(prompts, 1) <= limits.batchTokens)
      const planned = planBatch(jobs, limits).map(({ slot }) => slot)
      for (const { slot } of streams) expect(planned).toContain(slot)
    }),
  )
})

test('a prompt that is not finished is cut at an aligned place when there is room for one', () => {
  fc.assert(
    fc.property(Jobs, Limits, (jobs, limits) => {
      const plan = planBatch(jobs, limits)
      const cuts = plan.filter(({ slot, tokens }) => {
        const job = jobs.find((candidate) => candidate.slot === slot)!
        const rest = job.promptTokensLeft - tokens
        return rest > 0 && (job.position + tokens) % ALIGNED_TOKENS !== 0
      })
      // Only a first prompt whose room ends before the next aligned place.
      expect(cuts.length).toBeLessThanOrEqual(1)
      for (const { tokens } of cuts) expect(tokens).toBeLessThan(ALIGNED_TOKENS)
    }),
  )
})

/** Runs jobs to their end as the loop does: prompt tokens, then one token a step. */
function simulate(
  jobs: SimulatedJob[],
  limits: { batchTokens: number; promptTokens: number },
  steps: number,
): { longestWait: number; positions: Map<number, number[]> } {
  const positions = new Map(jobs.map(({ slot }) => [slot, [] as number[]]))
  const waits = new Map(jobs.map(({ slot }) => [slot, 0]))
  let longestWait = 0
  for (let step = 1; step <= steps; step++) {
    const plan = planBatch(jobs, limits)
    for (const job of jobs) {
      const part = plan.find(({ slot }) => slot === job.slot)
      const wait = part === undefined ? waits.get(job.slot)! + 1 : 0
      waits.set(job.slot, wait)
      longestWait = Math.max(longestWait, wait)
      if (part === undefined) continue
      for (let at = 0; at < part.tokens; at++) positions.get(job.slot)!.push(job.position + at)
      job.position += part.tokens
      job.promptTokensLeft = Math.max(job.promptTokensLeft - part.tokens, 0)
      job.servedStep = step
    }
  }
  return { longestWait, positions }
}

test('over many batches nobody starves, and the tokens of a slot come in order, none twice', () => {
  fc.assert(
    fc.property(Jobs, LargeLimits, (jobs, limits) => {
      const copies = jobs.map((job) => ({ ...job, servedStep: 0 }))
      const { longestWait, positions } = simulate(copies, limits, 100)
      for (const [slot, seen] of positions) {
        const start = jobs.find((job) => job.slot === slot)!.position
        expect(seen).toEqual(Array.from(seen, (_, at) => start + at))
      }
      // In turns: at worst, one served in each batch.
      expect(longestWait).toBeLessThanOrEqual(jobs.length)
    }),
  )
})

test('a short prompt behind a long one waits for one batch, not for the long one', () => {
  const long = {
    slot: 0,
    promptTokensLeft: 4000,
    position: 256,
    servedStep: 7,
    cuts: 'fast' as const,
  }
  const short = { slot: 1, promptTokensLeft: 20, position: 0, servedStep: 6, cuts: 'fast' as const }
  const plan = planBatch([long, short], { batchTokens: 512, promptTokens: 256 })
  expect(plan).toEqual([
    { slot: 0, tokens: 224 },
    { slot: 1, tokens: 20 },
  ])
})

test('the room for prompts follows the time: alone too, so that a prompt can be cancelled', () => {
  const pace = { sliceMs: 150, batchTokens: 512 }
  expect(promptRoom({ ...pace, promptMsPerToken: null }, 0)).toBe(32)
  expect(promptRoom({ ...pace, promptMsPerToken: 1.5 }, 1)).toBe(96)
  expect(promptRoom({ ...pace, promptMsPerToken: 1.5 }, 0)).toBe(256)
  expect(promptRoom({ ...pace, promptMsPerToken: 0.001 }, 0)).toBe(512)
  expect(promptRoom({ ...pace, promptMsPerToken: 10 }, 3)).toBe(15)
  expect(promptRoom({ ...pace, promptMsPerToken: 10_000 }, 3)).toBe(8)
})

test('a machine that gets slower makes the slices shorter within a few steps', () => {
  let speed = UNKNOWN_SPEED
  const step = (promptTokens: number, streams: number, msPerToken: number) => {
    speed = learnSpeed(speed, { promptTokens, streams, stepMs: 10 + promptTokens * msPerToken })
  }
  for (let i = 0; i < 10; i++) step(0, 1, 0)
  for (let i = 0; i < 5; i++) step(256, 1, 1)
  expect(promptRoom({ ...speed, sliceMs: 150, batchTokens: 512 }, 1)).toBeGreaterThanOrEqual(128)
  for (let i = 0; i < 3; i++) step(128, 1, 4)
  expect(promptRoom({ ...speed, sliceMs: 150, batchTokens: 512 }, 1)).toBeLessThanOrEqual(64)
})

test('fixed cuts: always the same pieces, alone, whatever else runs and however slow it is', () => {
  const Others = fc.array(
    fc.record({ prompt: fc.nat(300), cuts: fc.constantFrom('fast' as const, 'fixed' as const) }),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), Others, Limits, (prompt, others, limits) => {
      fc.pre(limits.batchTokens >= ALIGNED_TOKENS)
      const jobs: SimulatedJob[] = [{ prompt, cuts: 'fixed' as const }, ...others].map(
        (job, slot) => ({
          slot,
          promptTokensLeft: job.prompt,
          position: 0,
          servedStep: 0,
          cuts: job.cuts,
        }),
      )
      const pieces: number[] = []
      for (let step = 1; jobs[0]!.promptTokensLeft > 0; step++) {
        const plan = planBatch(jobs, limits)
        for (const { slot, tokens } of plan) {
          const job = jobs[slot]!
          if (slot === 0) {
            pieces.push(tokens)
            expect(plan).toHaveLength(1)
          }
          job.promptTokensLeft = Math.max(job.promptTokensLeft - tokens, 0)
          job.position += tokens
          job.servedStep = step
        }
        // Nobody starves it.
        expect(step).toBeLessThan(5000)
      }
      const whole = Math.floor(prompt / ALIGNED_TOKENS)
      const rest = prompt % ALIGNED_TOKENS
      const expected = [
        ...new Array<number>(whole).fill(ALIGNED_TOKENS),
        ...(rest > 0 ? [rest] : []),
      ]
      expect(pieces).toEqual(expected)
    }),
  )
})

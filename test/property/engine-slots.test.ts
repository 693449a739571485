import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { commonPrefix } from '../../src/engine/common-prefix.ts'
import { ALIGNED_TOKENS } from '../../src/engine/scheduler.ts'
import { SlotTable } from '../../src/engine/slot-table.ts'
import { chooseSlot, holeToClose, type SlotState, type SlotWish } from '../../src/engine/slots.ts'

const Ids = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 200 })
const Client = fc.constantFrom('anna', 'bert', 'carl')

/** The first tokens of every prompt, as a template gives them. */
const CONSTANT = Uint32Array.of(7, 8, 9)
/** Long common beginnings are what a cache is for, so prompts share some. */
const SHARED = Uint32Array.from({ length: 150 }, (_, at) => at % 7)
const Prompt = fc
  .tuple(fc.boolean(), fc.nat(150), Ids)
  .map(([starts, shared, ids]) =>
    Uint32Array.from([...(starts ? CONSTANT : []), ...SHARED.subarray(0, shared), ...ids]),
  )

const Slots = fc
  .array(
    fc.record({
      owner: fc.option(Client),
      busy: fc.boolean(),
      tokens: Prompt,
      fixedTokens: fc.nat(150),
      usedAt: fc.nat(20),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((entries): SlotState[] => entries.map((entry, slot) => ({ slot, ...entry })))

function wish(client: string, prompt: Uint32Array, more: Partial<SlotWish> = {}): SlotWish {
  return { client, prompt, prefix: 'reuse', cuts: 'fast', slots: 1, ...more }
}

test('a job keeps tokens of its own client or the constant prefix, never another client’s', () => {
  fc.assert(
    fc.property(Slots, Client, Prompt, (slots, client, prompt) => {
      const choice = chooseSlot(slots, wish(client, prompt), CONSTANT)
      if (choice === null) {
        expect(slots.every(({ busy }) => busy)).toBe(true)
        return
      }
      const slot = slots[choice.slot]!
      expect(slot.busy).toBe(false)
      if (!choice.overwrite) expect(slot.owner).toBe(client)
      // What is kept is the start of the prompt, in what the slot holds after the overwriting.
      const held = choice.overwrite ? CONSTANT : slot.tokens
      expect(choice.keep).toBeLessThanOrEqual(commonPrefix(held, prompt))
      // One token at least is left to sample after.
      expect(choice.keep).toBeLessThan(prompt.length)
    }),
  )
})

test('another client’s tokens change nothing about the choice', () => {
  fc.assert(
    fc.property(Slots, Client, Prompt, Prompt, (slots, client, prompt, other) => {
      const changed = slots.map((slot) =>
        slot.owner === client ? slot : { ...slot, tokens: other },
      )
      const job = wish(client, prompt)
      expect(chooseSlot(changed, job, CONSTANT)).toEqual(chooseSlot(slots, job, CONSTANT))
    }),
  )
})

const slot = (at: number, state: Partial<SlotState>): SlotState => ({
  slot: at,
  owner: null,
  busy: false,
  tokens: new Uint32Array(),
  fixedTokens: 0,
  usedAt: 0,
  ...state,
})

test('the second turn of a conversation finds the first; another client finds nothing', () => {
  const turn = Uint32Array.from({ length: 100 }, (_, at) => at + 1)
  const slots = [slot(0, {}), slot(1, { owner: 'anna', tokens: turn, usedAt: 1 })]
  const prompt = Uint32Array.from([...turn, 1000, 1001])
  expect(chooseSlot(slots, wish('anna', prompt), new Uint32Array())).toEqual({
    slot: 1,
    others: [],
    overwrite: false,
    keep: 100,
  })
  expect(chooseSlot(slots, wish('bert', prompt), new Uint32Array())).toEqual({
    slot: 0,
    others: [],
    overwrite: true,
    keep: 0,
  })
})

test('a new prompt goes beside the running ones, and spares what others keep', () => {
  const prompt = Uint32Array.of(1, 2)
  const job = wish('new', prompt)
  const choose = (slots: SlotState[]) => chooseSlot(slots, job, new Uint32Array())?.slot
  expect(choose([slot(0, {}), slot(1, {})])).toBe(0)
  expect(choose([slot(0, { owner: 'anna', usedAt: 5 }), slot(1, {})])).toBe(1)
  expect(
    choose([
      slot(0, { owner: 'a', usedAt: 5 }),
      slot(1, { owner: 'b', usedAt: 4 }),
      slot(2, { owner: 'c', usedAt: 9 }),
    ]),
  ).toBe(1)
  // Slot 2 runs: 1 or 3 keep the batch whole, and 3 was never used.
  expect(
    choose([
      slot(0, {}),
      slot(1, { owner: 'a', usedAt: 1 }),
      slot(2, { owner: 'b', busy: true }),
      slot(3, {}),
    ]),
  ).toBe(3)
})

test('a hole is closed from above, one slot at a time, until running slots are consecutive', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (busy) => {
      const running = [...busy]
      for (let moves = 0; moves <= 12; moves++) {
        const states = running.map((isBusy, at) => slot(at, { busy: isBusy }))
        const hole = holeToClose(states)
        if (hole === null) break
        expect(hole.to).toBeLessThan(hole.from)
        expect(running[hole.from]).toBe(true)
        expect(running[hole.to]).toBe(false)
        running[hole.from] = false
        running[hole.to] = true
      }
      const ids = running.flatMap((isBusy, at) => (isBusy ? [at] : []))
      expect(ids.length).toBe(busy.filter(Boolean).length)
      if (ids.length > 0) expect(ids.at(-1)! - ids[0]! + 1).toBe(ids.length)
    }),
  )
})

test('the table forgets the tokens of a client who lost the slot', () => {
  const table = new SlotTable(1, 16)
  const held = table.states()[0]!.tokens
  table.take(0, 'anna', new Uint32Array())
  table.append(0, Uint32Array.of(11, 12, 13, 14))
  const memory = new Uint32Array(table.states()[0]!.tokens.buffer)
  table.release(0)
  table.take(0, 'bert', Uint32Array.of(1))
  expect([...memory]).toEqual([1, ...new Array<number>(15).fill(0)])
  table.append(0, Uint32Array.of(2))
  table.forget(0)
  expect([...memory]).toEqual(new Array<number>(16).fill(0))
  expect(table.states()[0]).toMatchObject({ owner: null, busy: false })
  expect(held.length).toBe(0)
})

test('several answers take so many free slots, or wait', () => {
  fc.assert(
    fc.property(
      Slots,
      Client,
      Prompt,
      fc.integer({ min: 1, max: 8 }),
      (slots, client, prompt, count) => {
        const choice = chooseSlot(slots, wish(client, prompt, { slots: count }), CONSTANT)
        const free = slots.filter(({ busy }) => !busy).map((state) => state.slot)
        if (choice === null) {
          expect(free.length).toBeLessThan(count)
          return
        }
        const taken = [choice.slot, ...choice.others]
        expect(new Set(taken).size).toBe(count)
        expect(taken.every((at) => free.includes(at))).toBe(true)
      },
    ),
  )
})

test('a prompt with fixed cuts goes on only where fixed cuts were made', () => {
  fc.assert(
    fc.property(Slots, Client, Prompt, (slots, client, prompt) => {
      const choice = chooseSlot(slots, wish(client, prompt, { cuts: 'fixed' }), CONSTANT)
      if (choice === null) return
      expect(choice.keep % ALIGNED_TOKENS).toBe(0)
      if (!choice.overwrite)
        expect(choice.keep).toBeLessThanOrEqual(slots[choice.slot]!.fixedTokens)
    }),
  )
})

test('a fresh prefix is never the client’s own', () => {
  const turn = Uint32Array.from({ length: 100 }, (_, at) => at + 1)
  const slots = [slot(0, { owner: 'anna', tokens: turn })]
  const fresh = wish('anna', turn, { prefix: 'fresh' })
  expect(chooseSlot(slots, fresh, new Uint32Array())).toMatchObject({ overwrite: true, keep: 0 })
})

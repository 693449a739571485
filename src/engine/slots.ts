/**
 * Which slot a job takes, and what of its memory it may keep: pure decisions.
 *
 * A slot keeps its client's name and tokens after a job, so that the client's next prompt is not
 * computed from the start. It is never reused for another client: when the owner changes, the whole
 * slice is overwritten by the reserved slot, which holds only what every prompt starts with. So the
 * time to the first token says nothing about other clients' prompts, and their bytes are gone.
 *
 * @packageDocumentation
 */
import { commonPrefix } from './common-prefix.ts'
import { ALIGNED_TOKENS } from './scheduler.ts'

export interface SlotState {
  readonly slot: number
  /** null: never used, or its content is not known. */
  readonly owner: string | null
  readonly busy: boolean
  /** What the slot holds, token by token. */
  readonly tokens: Uint32Array
  /** How many of them, from the first, were computed with fixed cuts. */
  readonly fixedTokens: number
  /** When it was last used; any count that grows. */
  readonly usedAt: number
}

/** What a job asks of a slot. */
export interface SlotWish {
  readonly client: string
  readonly prompt: Uint32Array
  readonly prefix: 'reuse' | 'fresh'
  readonly cuts: 'fixed' | 'fast'
  /** Slots that it needs at once: one for each answer. */
  readonly slots: number
}

export interface SlotChoice {
  readonly slot: number
  /** For the other answers; what they hold is overwritten by the first. */
  readonly others: readonly number[]
  /** Copy the reserved slot over it first. */
  readonly overwrite: boolean
  /** Tokens at the start of the prompt that need not be computed, after the overwriting. */
  readonly keep: number
}

function alignedDown(tokens: number): number {
  return tokens - (tokens % ALIGNED_TOKENS)
}

/** Free slots between the running ones, if `slot` ran too. */
function gapsWith(slots: readonly SlotState[], slot: number): number {
  const running = slots.filter((other) => other.busy || other.slot === slot)
  const ids = running.map((other) => other.slot)
  return Math.max(...ids) - Math.min(...ids) + 1 - ids.length
}

/**
 * Where a prompt goes that finds nothing of its own: beside the running slots, because batches want
 * consecutive ids; then into a slot that nobody used, then into the one unused for longest.
 */
function byVacancy(slots: readonly SlotState[]) {
  return (a: SlotState, b: SlotState) =>
    gapsWith(slots, a.slot) - gapsWith(slots, b.slot) ||
    Number(a.owner !== null) - Number(b.owner !== null) ||
    a.usedAt - b.usedAt ||
    a.slot - b.slot
}

/**
 * @param constant - The tokens that the reserved slot holds, computed with fixed cuts.
 * @returns null when fewer slots are free than the job needs.
 */
export function chooseSlot(
  slots: readonly SlotState[],
  wish: SlotWish,
  constant: Uint32Array,
): SlotChoice | null {
  const free = slots.filter((slot) => !slot.busy)
  if (free.length < wish.slots) return null
  const common = Math.min(commonPrefix(constant, wish.prompt), wish.prompt.length - 1)
  // A prompt with fixed cuts goes on only at one of them.
  const constantKeep = wish.cuts === 'fixed' ? alignedDown(common) : common
  const own = free
    .map((state) => ({ slot: state.slot, keep: ownKeep(state, wish) }))
    .sort((a, b) => b.keep - a.keep || a.slot - b.slot)[0]
  if (own !== undefined && own.keep > constantKeep) {
    const others = vacantSlots(slots, [own.slot], wish.slots - 1)
    return { slot: own.slot, others, overwrite: false, keep: own.keep }
  }
  const [slot = 0, ...others] = vacantSlots(slots, [], wish.slots)
  const vacant = slots.find((state) => state.slot === slot)
  // A slot of the client's own holds nobody else's bytes: what it has need not be copied into it.
  const overwrite = vacant === undefined || ownKeep(vacant, wish) < constantKeep
  return { slot, others, overwrite, keep: constantKeep }
}

/** What the prompt finds in a slot; -1 in one that is another's, or that it must not look at. */
function ownKeep(state: SlotState, { client, prompt, prefix, cuts }: SlotWish): number {
  if (state.owner !== client || prefix === 'fresh') return -1
  // One token at least must be computed, to sample the next from.
  const keep = Math.min(commonPrefix(state.tokens, prompt), prompt.length - 1)
  return cuts === 'fixed' ? alignedDown(Math.min(keep, state.fixedTokens)) : keep
}

/** So many free slots, each beside what runs and what was taken before it. */
function vacantSlots(
  slots: readonly SlotState[],
  taken: readonly number[],
  count: number,
): number[] {
  if (count === 0) return []
  const states = slots.map((state) => ({
    ...state,
    busy: state.busy || taken.includes(state.slot),
  }))
  const [next] = states.filter((state) => !state.busy).sort(byVacancy(states))
  if (next === undefined) return []
  return [next.slot, ...vacantSlots(slots, [...taken, next.slot], count - 1)]
}

/**
 * A move that makes the running slots consecutive by one more: the highest running slot into the
 * lowest free one below it; null when they are consecutive already.
 */
export function holeToClose(
  slots: readonly SlotState[],
): { readonly from: number; readonly to: number } | null {
  const running = slots.filter((slot) => slot.busy).map(({ slot }) => slot)
  const from = Math.max(...running)
  const lowest = Math.min(...running)
  if (running.length < 2 || from - lowest === running.length - 1) return null
  const to = slots.find(({ slot, busy }) => !busy && slot > lowest && slot < from)
  return to === undefined ? null : { from, to: to.slot }
}

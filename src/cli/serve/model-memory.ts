/**
 * What may be in memory together: the budget, and who ends for whom.
 *
 * Rules: models loaded at start stay. Of those on demand only one that idles may be asked to end, the
 * one that has idled longest first, and never more of them than are needed. What does not fit even
 * when all of them have ended is refused.
 *
 * Pure.
 *
 * @packageDocumentation
 */
export interface Resident {
  readonly name: string
  /** Granted to it. */
  readonly bytes: number
  /** Loaded at start. */
  readonly stays: boolean
  /** Serves, and has no job. */
  readonly idles: boolean
  readonly lastWorkMs: number
}

export type Room =
  | { readonly kind: 'fits' }
  /** Whom to end first, then look again. */
  | { readonly kind: 'ends'; readonly names: readonly string[] }
  /** Those that could end are at work: later. */
  | { readonly kind: 'busy'; readonly freeBytes: number }
  | { readonly kind: 'never'; readonly freeBytes: number }

/** @param bytes - Of the one that asks; `others` is without it. */
export function findRoom(budgetBytes: number, bytes: number, others: readonly Resident[]): Room {
  const sum = (residents: readonly Resident[]) =>
    residents.reduce((total, resident) => total + resident.bytes, 0)
  const freeBytes = budgetBytes - sum(others)
  if (bytes <= freeBytes) return { kind: 'fits' }
  const mostBytes = budgetBytes - sum(others.filter(({ stays }) => stays))
  if (bytes > mostBytes) return { kind: 'never', freeBytes: Math.max(mostBytes, 0) }
  const candidates = others
    .filter(({ stays, idles }) => !stays && idles)
    .sort((a, b) => a.lastWorkMs - b.lastWorkMs)
  const ending: Resident[] = []
  for (const candidate of candidates) {
    if (bytes <= freeBytes + sum(ending)) break
    ending.push(candidate)
  }
  if (bytes > freeBytes + sum(ending)) return { kind: 'busy', freeBytes: Math.max(freeBytes, 0) }
  return { kind: 'ends', names: leastOf(ending, bytes - freeBytes).map(({ name }) => name) }
}

/** An earlier, smaller one may not be needed beside a later, larger one. */
function leastOf(ending: readonly Resident[], bytes: number): readonly Resident[] {
  let left = ending
  for (const one of ending) {
    const without = left.filter((other) => other !== one)
    if (without.reduce((total, resident) => total + resident.bytes, 0) >= bytes) left = without
  }
  return left
}

/** Of what is available when the daemon starts: the rest is for it and for whoever else works here. */
const SHARE = 0.8

export interface MachineMemory {
  /** MemAvailable. */
  readonly availableBytes: number
  /** What a control group allows; infinite without one. */
  readonly allowedBytes: number
}

/** @param setting - `memory.modelsBytes`; 0: by the machine. */
export function budgetFor(setting: number, machine: MachineMemory): number {
  if (setting > 0) return setting
  return Math.floor(SHARE * Math.min(machine.availableBytes, machine.allowedBytes))
}

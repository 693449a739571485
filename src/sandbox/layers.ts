/**
 * The layers of confinement as a table: process × layer × required, each with its reason.
 *
 * A layer is a promise of the kernel, found by looking, not by believing who set it. `probe.ts`
 * looks; a required layer that is missing stops the process.
 *
 * @packageDocumentation
 */
export type Role = 'gateway' | 'engine' | 'keeper'

/** As a process found a layer. The same shape as the wire's, which libraries do not import. */
export interface LayerState {
  readonly layer: string
  readonly state: 'enforced' | 'partly' | 'absent'
  /** For a person, at most 300 characters. */
  readonly detail: string
}

export type Requirement = 'required' | 'preferred' | 'off'

/** What the configuration may say about single layers (`sandbox.layers`). */
export interface LayerPolicy {
  readonly landlock?: Requirement | undefined
  readonly seccomp?: Requirement | undefined
  readonly nonDumpable?: Requirement | undefined
}

interface LayerRow {
  readonly roles: readonly Role[]
  readonly requirement: Requirement
  /** The setting that overrides `requirement`, if there is one. */
  readonly setting?: keyof LayerPolicy
  readonly reason: string
}

const ALL = ['gateway', 'engine', 'keeper'] as const

export const LAYERS = {
  'no-new-privs': {
    roles: ALL,
    requirement: 'required',
    reason: 'No exec can gain a right; without it neither Landlock nor seccomp can be applied.',
  },
  capabilities: {
    roles: ALL,
    requirement: 'required',
    reason:
      'Started by root, a process keeps CAP_IPC_LOCK alone: it may lock memory and nothing more.',
  },
  landlock: {
    roles: ALL,
    requirement: 'preferred',
    setting: 'landlock',
    reason: 'Files outside its table do not exist for a process; no TCP, no abstract sockets.',
  },
  seccomp: {
    roles: ALL,
    requirement: 'required',
    setting: 'seccomp',
    reason: 'No io_uring (a way round every other filter), no ptrace, no mounts, no IP sockets.',
  },
  'seccomp-final': {
    roles: ALL,
    requirement: 'required',
    setting: 'seccomp',
    reason:
      'After start: no child process in any role; in the engine only the calls that decoding makes.',
  },
  'non-dumpable': {
    roles: ALL,
    requirement: 'required',
    setting: 'nonDumpable',
    reason: 'A process of the same user cannot read /proc/PID/mem or attach to it.',
  },
  'core-limit': {
    roles: ALL,
    requirement: 'required',
    setting: 'nonDumpable',
    reason: 'A crash writes no image of memory to the disk.',
  },
  'memory-lock': {
    roles: ALL,
    requirement: 'preferred',
    reason: 'Nothing reaches swap. `memory.lock` decides; lockMemory itself refuses.',
  },
  'write-xor-execute': {
    roles: ['engine', 'keeper'],
    requirement: 'preferred',
    reason: 'Memory that was written cannot become code (Linux 6.3; needs a Node without JIT).',
  },
  apparmor: {
    roles: ALL,
    requirement: 'preferred',
    reason: 'A second list of files and sockets, put on by the systemd units.',
  },
} as const satisfies Record<string, LayerRow>

export type LayerName = keyof typeof LAYERS

const TABLE: Readonly<Record<LayerName, LayerRow>> = LAYERS

export const LAYER_NAMES = Object.keys(LAYERS) as LayerName[]

/** Pure: what is asked of a layer in a process, or `off` where the table has no row for it. */
export function requirementOf(layer: LayerName, role: Role, policy: LayerPolicy): Requirement {
  const row = TABLE[layer]
  if (!row.roles.includes(role)) return 'off'
  return (row.setting === undefined ? undefined : policy[row.setting]) ?? row.requirement
}

/** Pure: the required layers that are absent; a layer that is there in part is there. */
export function missingLayers(
  states: readonly LayerState[],
  role: Role,
  policy: LayerPolicy,
): LayerState[] {
  return states.filter(
    ({ layer, state }) =>
      state === 'absent' && isLayerName(layer) && requirementOf(layer, role, policy) === 'required',
  )
}

function isLayerName(layer: string): layer is LayerName {
  return Object.hasOwn(LAYERS, layer)
}

/**
 * `/proc/self/smaps` and `/proc/self/status` as values, and what they say about locked memory.
 *
 * Why not VmLck: it counts addresses, so a bare Node shows 1.4 GB there. What is promised is that
 * each page that holds data is locked, and that is `Locked` = `Pss` of a mapping: `Pss` counts the
 * pages that exist (shared ones by their share, which adds up over the maps of one memfd).
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'

const KIB = 1024

export interface Mapping {
  readonly start: bigint
  readonly end: bigint
  /** As in smaps: `rw-p`, `r--s`, `rwxp`. */
  readonly permissions: string
  /** Empty for anonymous memory. */
  readonly name: string
  readonly pssBytes: number
  readonly lockedBytes: number
  readonly swapBytes: number
}

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ *(.*)$/
const COUNTER = /^(Pss|Locked|Swap): +(\d+) kB$/

type Counters = Partial<Record<'Pss' | 'Locked' | 'Swap', number>>

/** Pure. Lines that are not known are skipped: every kernel adds some. */
export function parseMappings(text: string): Mapping[] {
  const mappings: Mapping[] = []
  let head: RegExpExecArray | null = null
  let counters: Counters = {}
  const finish = () => {
    if (head === null) return
    const [, start = '', end = '', permissions = '', name = ''] = head
    mappings.push({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      permissions,
      name,
      pssBytes: counters.Pss ?? 0,
      lockedBytes: counters.Locked ?? 0,
      swapBytes: counters.Swap ?? 0,
    })
  }
  for (const line of text.split('\n')) {
    const counter = COUNTER.exec(line)
    if (counter !== null) counters[counter[1] as keyof Counters] = Number(counter[2]) * KIB
    const next = HEAD.exec(line)
    if (next === null) continue
    finish()
    head = next
    counters = {}
  }
  finish()
  return mappings
}

/** A `kB` line of `/proc/PID/status`, in bytes; 0 when it is not there. */
export function statusBytes(status: string, name: string): number {
  return KIB * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
}

export type MemoryKind = 'memfd' | 'anonymous' | 'code' | 'file'

/**
 * What a mapping is. `code` is anonymous memory that is writable and executable at once: in a Node
 * with a JIT that is V8's code range and nothing else. The kernel's own `[vdso]`, `[vvar]` and
 * `[vsyscall]`, and its rings (`anon_inode:…`), count as files: their pages are not ours.
 */
export function kindOf({ name, permissions }: Pick<Mapping, 'name' | 'permissions'>): MemoryKind {
  if (name.startsWith('/memfd:')) return 'memfd'
  if (/^(?:[^[]|\[v(?:dso|var|var_vclock|syscall)\]$)/.test(name)) return 'file'
  return permissions.includes('x') && permissions.includes('w') ? 'code' : 'anonymous'
}

export interface KindReport {
  readonly maps: number
  readonly pssBytes: number
  readonly lockedBytes: number
}

export interface MemoryLockedReport {
  /** Every memfd and anonymous mapping but the code range has `Locked` = `Pss`. */
  readonly complete: boolean
  readonly kinds: Readonly<Record<MemoryKind, KindReport>>
  /** Those that break it: what a person needs to find them. */
  readonly unlocked: readonly Pick<
    Mapping,
    'name' | 'permissions' | 'pssBytes' | 'lockedBytes' | 'swapBytes'
  >[]
}

/** Pure. */
export function reportOf(mappings: readonly Mapping[]): MemoryLockedReport {
  const sum = (kind: MemoryKind): KindReport => {
    const own = mappings.filter((mapping) => kindOf(mapping) === kind)
    const total = (pick: (mapping: Mapping) => number) => own.reduce((all, m) => all + pick(m), 0)
    return {
      maps: own.length,
      pssBytes: total((mapping) => mapping.pssBytes),
      lockedBytes: total((mapping) => mapping.lockedBytes),
    }
  }
  const unlocked = mappings
    .filter((mapping) => ['memfd', 'anonymous'].includes(kindOf(mapping)))
    .filter((mapping) => mapping.lockedBytes !== mapping.pssBytes || mapping.swapBytes > 0)
    .map(({ name, permissions, pssBytes, lockedBytes, swapBytes }) => {
      return { name, permissions, pssBytes, lockedBytes, swapBytes }
    })
  const kinds = {
    memfd: sum('memfd'),
    anonymous: sum('anonymous'),
    code: sum('code'),
    file: sum('file'),
  }
  return { complete: unlocked.length === 0, kinds, unlocked }
}

/**
 * Of this process, now. Reads `/proc/self/smaps`: some milliseconds, so not while answering, and
 * not after the engine's last filter.
 */
export function memoryLockedReport(): MemoryLockedReport {
  return reportOf(parseMappings(readFileSync('/proc/self/smaps', 'utf8')))
}

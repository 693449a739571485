/**
 * Landlock's numbers, and the pure step from a table of rules to what the kernel is given.
 *
 * Kernels know different rights (the "ABI" number): a right that a kernel does not know is left out
 * of the ruleset, because it would refuse the whole. What is lost then is said by `describeAbi`.
 *
 * @packageDocumentation
 */

/** Rights on files, each with the first ABI that has it (linux/landlock.h). */
export const FILE_RIGHTS = {
  execute: { bit: 0n, abi: 1, onFiles: true },
  writeFile: { bit: 1n, abi: 1, onFiles: true },
  readFile: { bit: 2n, abi: 1, onFiles: true },
  readFolder: { bit: 3n, abi: 1, onFiles: false },
  removeFolder: { bit: 4n, abi: 1, onFiles: false },
  removeFile: { bit: 5n, abi: 1, onFiles: false },
  makeCharacterDevice: { bit: 6n, abi: 1, onFiles: false },
  makeFolder: { bit: 7n, abi: 1, onFiles: false },
  makeFile: { bit: 8n, abi: 1, onFiles: false },
  makeSocket: { bit: 9n, abi: 1, onFiles: false },
  makeFifo: { bit: 10n, abi: 1, onFiles: false },
  makeBlockDevice: { bit: 11n, abi: 1, onFiles: false },
  makeSymlink: { bit: 12n, abi: 1, onFiles: false },
  /** Rename or link into another folder. ABI 1 always denies it. */
  refer: { bit: 13n, abi: 2, onFiles: false },
  truncate: { bit: 14n, abi: 3, onFiles: true },
  controlDevice: { bit: 15n, abi: 5, onFiles: true },
  /** Connect to a Unix socket by its path. */
  connectUnix: { bit: 16n, abi: 9, onFiles: true },
} as const satisfies Record<string, { bit: bigint; abi: number; onFiles: boolean }>

export type FileRight = keyof typeof FILE_RIGHTS

const FILE_RIGHT_NAMES = Object.keys(FILE_RIGHTS) as FileRight[]

/** Words that the rule table uses. */
export const GRANTS = {
  read: ['readFile', 'readFolder'],
  execute: ['readFile', 'execute'],
  /** Files in a folder: read, made, written, replaced, removed. No folders, no links. */
  write: ['readFile', 'readFolder', 'writeFile', 'truncate', 'makeFile', 'removeFile'],
  device: ['readFile', 'writeFile'],
  connect: ['connectUnix'],
} as const satisfies Record<string, readonly FileRight[]>

export type Grant = keyof typeof GRANTS

const BIND_TCP = 1n
const CONNECT_TCP = 2n
const NET_ABI = 4
const SCOPE_ABSTRACT_UNIX = 1n
const SCOPE_SIGNAL = 2n
const SCOPE_ABI = 6
const LOG_ABI = 7
/** LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON: refusals in the process we exec reach the kernel's audit. */
const LOG_NEW_EXEC_ON = 2

export interface RulesetPlan {
  /** struct landlock_ruleset_attr, as long as this ABI knows it. */
  readonly attribute: Buffer
  readonly handledFileRights: bigint
  readonly restrictFlags: number
}

/** Pure: everything this ABI can deny is denied, unless a rule allows it. */
export function planRuleset(abi: number): RulesetPlan {
  const handledFileRights = maskOf(FILE_RIGHT_NAMES, abi)
  const words = [handledFileRights]
  // No rule allows any port: the one HTTP listener is inherited.
  if (abi >= NET_ABI) words.push(BIND_TCP | CONNECT_TCP)
  if (abi >= SCOPE_ABI) words.push(SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL)
  const attribute = Buffer.alloc(8 * words.length)
  for (const [at, word] of words.entries()) attribute.writeBigUInt64LE(word, 8 * at)
  return { attribute, handledFileRights, restrictFlags: abi >= LOG_ABI ? LOG_NEW_EXEC_ON : 0 }
}

/** Pure: the bits of a grant for this ABI; 0 when it knows none of them. */
export function grantMask(grant: Grant, abi: number, on: 'file' | 'folder'): bigint {
  const rights: readonly FileRight[] = GRANTS[grant]
  // The kernel refuses a rule on a file that names a right of folders.
  return maskOf(
    rights.filter((right) => on === 'folder' || FILE_RIGHTS[right].onFiles),
    abi,
  )
}

function maskOf(rights: readonly FileRight[], abi: number): bigint {
  return rights
    .filter((right) => FILE_RIGHTS[right].abi <= abi)
    .reduce((mask, right) => mask | (1n << FILE_RIGHTS[right].bit), 0n)
}

/** struct landlock_path_beneath_attr, packed. */
export function encodePathRule(mask: bigint, descriptor: number): Buffer {
  const attribute = Buffer.alloc(12)
  attribute.writeBigUInt64LE(mask, 0)
  attribute.writeInt32LE(descriptor, 8)
  return attribute
}

/** What an ABI cannot do, in words; an empty list from 6 on, where our promises are complete. */
export function gapsOf(abi: number): string[] {
  const gaps: [number, string][] = [
    [3, 'truncating'],
    [NET_ABI, 'TCP'],
    [5, 'device ioctls'],
    [SCOPE_ABI, 'abstract sockets and signals'],
  ]
  return gaps.filter(([from]) => abi < from).map(([, what]) => what)
}

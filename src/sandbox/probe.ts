/**
 * Looks which layers hold this process, from inside.
 *
 * Each is seen in the kernel's own words (`/proc/self`, prctl) or by a harmless act that must fail.
 * What the launcher says of Landlock, which the kernel shows nowhere, counts only together with
 * such an act.
 *
 * @packageDocumentation
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { Fault } from '../errors.ts'
import { gapsOf } from './landlock.ts'
import {
  missingLayers,
  requirementOf,
  type LayerName,
  type LayerPolicy,
  type LayerState,
  type Role,
} from './layers.ts'
import { readCoreLimit, readDumpable } from './process.ts'
import { architectureOf } from './seccomp.ts'
import { numberOf } from './syscall-numbers.ts'
import { callKernel, controlProcess, ERRNO, PRCTL } from './system.ts'

/** How the launcher tells what it did: `abi:NUMBER` or `absent:WHY`. */
export const LANDLOCK_VARIABLE = 'SECURE_LLM_LANDLOCK'

/** What was seen; the words are judged by `judge`, which is pure. */
export interface Observations {
  /** `/proc/self/status`. */
  readonly status: string
  readonly landlock: string | undefined
  /** Opening `/` was refused with EACCES. */
  readonly rootFolderRefused: boolean
  /** `unshare(0)`, which does nothing, was refused with EPERM. */
  readonly unshareRefused: boolean
  /** PR_GET_MDWE: bit 0, or minus errno. */
  readonly mdwe: number
  /** `/proc/self/attr/current`, where it can be read. */
  readonly apparmor: string | undefined
}

type Verdict = Omit<LayerState, 'layer'>

const enforced = (detail: string): Verdict => ({ state: 'enforced', detail })
const partly = (detail: string): Verdict => ({ state: 'partly', detail })
const absent = (detail: string): Verdict => ({ state: 'absent', detail })

const JUDGES = {
  'no-new-privs': ({ status }) =>
    fieldOf(status, 'NoNewPrivs') === '1' ? enforced('set') : absent('NoNewPrivs is not 1'),
  capabilities: judgeCapabilities,
  landlock: judgeLandlock,
  seccomp: judgeSeccomp,
  'write-xor-execute': ({ mdwe }) =>
    mdwe > 0 && (mdwe & 1) === 1 ? enforced('PR_SET_MDWE') : absent(`PR_GET_MDWE answers ${mdwe}`),
  apparmor: judgeAppArmor,
} as const satisfies Partial<Record<LayerName, (seen: Observations) => Verdict>>

function fieldOf(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s+(\\S+)$`, 'm').exec(status)?.[1]
}

const CAP_IPC_LOCK_BIT = 1n << 14n

function judgeCapabilities({ status }: Observations): Verdict {
  const words = ['CapEff', 'CapPrm'].map((name) => fieldOf(status, name))
  if (words.some((word) => word === undefined)) return absent('not to be read')
  const held = words.reduce((all, word) => all | BigInt(`0x${word ?? '0'}`), 0n)
  if (held === 0n) return enforced('none')
  if (held === CAP_IPC_LOCK_BIT) return enforced('CAP_IPC_LOCK alone, to lock memory')
  return absent(`the process holds ${held.toString(16)}`)
}

function judgeLandlock({ landlock, rootFolderRefused }: Observations): Verdict {
  if (landlock === undefined) return absent('not started by the launcher')
  const abi = Number(/^abi:([1-9][0-9]{0,2})$/.exec(landlock)?.[1] ?? 0)
  if (abi === 0) return absent(landlock.replace(/^absent:/, '').slice(0, 200))
  if (!rootFolderRefused) return absent(`the launcher says ABI ${abi}, and yet / can be opened`)
  const gaps = gapsOf(abi)
  if (gaps.length === 0) return enforced(`ABI ${abi}: files, TCP, abstract sockets, signals`)
  return partly(`ABI ${abi} of this kernel does not know ${gaps.join(', ')}`)
}

function judgeSeccomp({ status, unshareRefused }: Observations): Verdict {
  const mode = fieldOf(status, 'Seccomp')
  if (mode !== '2') return absent(`Seccomp is ${mode ?? 'not to be read'}`)
  if (!unshareRefused) return absent('there is a filter, and it is not the launcher’s')
  return enforced(`${fieldOf(status, 'Seccomp_filters') ?? 'some'} filter(s); io_uring denied`)
}

function judgeAppArmor({ apparmor }: Observations): Verdict {
  const match = /^(.{1,120}?) \((enforce|complain|kill)\)$/.exec(apparmor ?? '')
  if (match?.[2] === 'complain') return partly(`profile ${match[1]} only complains`)
  if (match !== null) return enforced(`profile ${match[1]}`)
  return absent(apparmor === undefined ? 'not in this kernel' : 'no profile')
}

/** Pure: the layers that the table asks of this role and that `Observations` tell of. */
export function judge(seen: Observations, role: Role, policy: LayerPolicy): LayerState[] {
  const names = Object.keys(JUDGES) as (keyof typeof JUDGES)[]
  return names
    .filter((layer) => requirementOf(layer, role, policy) !== 'off')
    .map((layer) => ({ layer, ...JUDGES[layer](seen) }))
}

/**
 * The layers of this process, apart from those that `hardenProcess` and `lockMemory` give back.
 *
 * @throws Fault `SANDBOX_MISSING`, naming every layer that is required and missing; the two of
 * `hardenProcess` are looked at again.
 */
export function probeLayers(role: Role, policy: LayerPolicy = {}): LayerState[] {
  const states = judge(observe(), role, policy)
  const missing = missingLayers([...states, readDumpable(), readCoreLimit()], role, policy)
  if (missing.length > 0) {
    const named = missing.map(({ layer, detail }) => `${layer} (${detail})`).join('; ')
    throw new Fault('SANDBOX_MISSING', `${role} lacks ${named}`)
  }
  return states
}

function observe(): Observations {
  const unshare = numberOf('unshare', architectureOf(process.arch)) ?? 0
  return {
    status: readFileSync('/proc/self/status', 'utf8'),
    landlock: process.env[LANDLOCK_VARIABLE],
    rootFolderRefused: opensWith('/') === 'EACCES',
    unshareRefused: callKernel(unshare, 0) === -ERRNO.EPERM,
    mdwe: controlProcess(PRCTL.getMdwe),
    apparmor: readProfile(),
  }
}

function opensWith(path: string): string {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY))
    return ''
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
  }
}

function readProfile(): string | undefined {
  for (const path of ['/proc/self/attr/apparmor/current', '/proc/self/attr/current']) {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      // Not this one: older kernels have the second only, many have none.
    }
  }
  return undefined
}

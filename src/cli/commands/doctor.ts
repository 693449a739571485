/**
 * `doctor`: what protects this machine's daemon, what does not, and what would mend it.
 *
 * With a daemon it reports what the processes found of themselves; without one it starts a keeper
 * for a moment, which meets most of what the others would meet.
 *
 * @packageDocumentation
 */
import { existsSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { parseListen } from '../../config/load.ts'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'
import { withKeeper } from '../keeper-session.ts'
import { answers } from '../serve/listening-sockets.ts'
import { askReadiness, groupLayers, type ApiAddress } from '../serve/readiness.ts'
import { openSession, type Invocation, type Session } from '../session.ts'
import { formatTable } from '../terminal.ts'

type KeeperState = BodyOf<'keeper.state'>
type LayerTable = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Findings {
  readonly daemon: 'running' | 'not running'
  /** process → layer → state. */
  readonly layers: LayerTable
  readonly store: string
  readonly auditHealthy: boolean
  readonly lockedMemoryLimit: string
  readonly clearsFreedMemory: 'yes' | 'no' | 'unknown'
  readonly hints: readonly string[]
}

export async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const findings = await examine(openSession(invocation))
  if (options.has('json')) terminal.out(JSON.stringify(findings))
  else for (const line of describeFindings(findings)) terminal.out(line)
  return findings.auditHealthy ? EXIT.ok : EXIT.refused
}

async function examine(session: Session): Promise<Findings> {
  const served = await answers(session.paths.keeperCli)
  const keeper = await withKeeper(session, { engines: {} }, (link) =>
    link.ask('keeper.ask', {}, 'keeper.state'),
  )
  const clearsFreedMemory = readInitOnFree()
  const lockedMemoryLimit = readLockedMemoryLimit()
  const layers = served ? await daemonLayers(session, keeper) : keeperLayers(keeper)
  const isLocked = Object.values(layers).every((states) => states['memory-lock'] === 'enforced')
  return {
    daemon: served ? 'running' : 'not running',
    layers,
    store: keeper.store,
    auditHealthy: keeper.auditHealthy,
    lockedMemoryLimit,
    clearsFreedMemory,
    hints: [
      ...keeper.warnings,
      ...(isLocked ? [] : [lockHint(lockedMemoryLimit)]),
      ...(clearsFreedMemory === 'yes' ? [] : [CLEAR_HINT]),
    ],
  }
}

async function daemonLayers(session: Session, keeper: KeeperState): Promise<LayerTable> {
  const readiness = await askReadiness(daemonAddress(session))
  if (readiness !== undefined) return groupLayers(readiness)
  session.terminal.note('the API does not answer; this is what the keeper says')
  return keeperLayers(keeper)
}

const Served = z.object({ url: z.string() })

/** Where `serve` says it listens; under systemd, where the configuration says it does. */
function daemonAddress({ paths, config }: Session): ApiAddress {
  if (!existsSync(paths.served)) return parseListen(config.gateway.listen)
  const { url } = Served.parse(JSON.parse(readFileSync(paths.served, 'utf8')))
  return parseListen(url.replace(/^http:\/\//, ''))
}

function keeperLayers({ layers }: KeeperState): LayerTable {
  return { keeper: Object.fromEntries(layers.map(({ layer, state }) => [layer, state])) }
}

/** The soft limit of this process, which the daemon would inherit: bytes, or `unlimited`. */
function readLockedMemoryLimit(): string {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const [, soft] = /^Max locked memory\s+(\S+)/m.exec(limits) ?? []
  if (soft === undefined) throw new Fault('SANDBOX_MISSING', '/proc/self/limits is not readable')
  return soft
}

/** Whether the kernel clears memory the moment it is freed. */
function readInitOnFree(): Findings['clearsFreedMemory'] {
  try {
    const given = /(?:^|\s)init_on_free=([01])/.exec(readFileSync('/proc/cmdline', 'utf8'))?.[1]
    return given === undefined ? 'unknown' : given === '1' ? 'yes' : 'no'
  } catch {
    return 'unknown'
  }
}

const CLEAR_HINT =
  'freed memory: boot with init_on_free=1, and the kernel clears weights when they are freed'

const lockHint = (limit: string) =>
  `locked memory: ${limit} bytes; \`ulimit -l unlimited\` (or LimitMEMLOCK=infinity) lets all of it be locked`

/** Pure: the report as a person reads it. */
export function describeFindings(findings: Findings): string[] {
  const { layers, hints } = findings
  const processes = Object.keys(layers)
  const names = [...new Set(processes.flatMap((process) => Object.keys(layers[process] ?? {})))]
  const table = names.map((name) => [
    name,
    ...processes.map((process) => layers[process]?.[name] ?? '-'),
  ])
  return [
    `daemon         ${findings.daemon}`,
    `key store      ${findings.store}`,
    `record         ${findings.auditHealthy ? 'can be written' : 'cannot be written'}`,
    `locked memory  ${findings.lockedMemoryLimit} bytes allowed`,
    `init_on_free   ${findings.clearsFreedMemory}`,
    '',
    ...formatTable([['layer', ...processes], ...table]),
    ...(hints.length === 0 ? [] : ['', ...hints.map((hint) => `hint: ${hint}`)]),
  ]
}

/**
 * `audit verify`, `audit tail`.
 *
 * @packageDocumentation
 */
import { createReadStream, existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { verifyLog, type LogVerdict } from '../../audit/verify.ts'
import { EXIT, type ExitCode } from '../../errors.ts'
import { openSession, type Invocation } from '../session.ts'
import { printable } from '../terminal.ts'

const DEFAULT_LINES = 20
const MAX_LINES = 10_000
const TAIL_BYTES_PER_LINE = 65_536
const MAX_TAIL_BYTES = 16 * 1024 * 1024

export async function verifyAudit(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const { audit } = openSession(invocation).paths
  if (!existsSync(audit)) terminal.note('there is no log yet')
  const verdict = await verifyLog(existsSync(audit) ? createReadStream(audit) : nothing())
  if (options.has('json')) terminal.out(JSON.stringify(verdict))
  else for (const line of verdictLines(verdict)) terminal.out(line)
  return verdict.ok ? EXIT.ok : EXIT.refused
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No file: an empty log.
}

/** Pure. */
export function verdictLines(verdict: LogVerdict): string[] {
  const { records, head } = verdict
  if (!verdict.ok) {
    const { line, why } = verdict.firstBad
    return [`bad: line ${line}: ${why}; the ${records} records before it hold`]
  }
  const ok = `ok: ${records} records, head ${head}`
  const torn = verdict.tornLastLineBytes
  if (torn === 0) return [ok]
  return [
    ok,
    `torn last line: ${torn} bytes of an append that a crash cut; no whole record is lost`,
  ]
}

export async function tailAudit(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const count = options.count('lines', { min: 1, max: MAX_LINES }) ?? DEFAULT_LINES
  const { audit } = openSession(invocation).paths
  if (!existsSync(audit)) {
    terminal.note('there is no log yet')
    return EXIT.ok
  }
  const lines = (await readTail(audit, count)).slice(-count)
  for (const line of lines) terminal.out(options.has('json') ? line : describeRecord(line))
  return EXIT.ok
}

async function readTail(path: string, count: number): Promise<string[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = Math.min(size, count * TAIL_BYTES_PER_LINE, MAX_TAIL_BYTES)
    const buffer = Buffer.alloc(bytes)
    await file.read(buffer, 0, bytes, size - bytes)
    const lines = buffer.toString('utf8').split('\n').slice(0, -1)
    // The first one may have lost its beginning.
    return bytes < size ? lines.slice(1) : lines
  } finally {
    await file.close()
  }
}

/** Members that come first, and those that only a program checks. */
const HEAD = ['seq', 'time', 'actor', 'type'] as const
const HIDDEN: readonly string[] = [...HEAD, 'v', 'previous', 'link']

/** Pure: one record as a person reads it; a line that is no record is shown as such. */
export function describeRecord(line: string): string {
  const record = recordOf(line)
  if (record === undefined) return '(not a record)'
  const head = HEAD.map((name) => {
    const value = record[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
  })
  const details = Object.entries(record)
    .filter(([name]) => !HIDDEN.includes(name))
    .map(
      ([name, value]) => `${name}=${name === 'layers' ? layerText(value) : JSON.stringify(value)}`,
    )
  // Control characters of a forged log must not reach the terminal.
  return printable([...head, ...details].join(' '))
}

/** Layers in short: `doctor` shows them better. */
function layerText(value: unknown): string {
  const states = (Array.isArray(value) ? value : []).map((layer: unknown) =>
    String(Reflect.get(Object(layer), 'state')),
  )
  const enforced = states.filter((state) => state === 'enforced').length
  return `${enforced}/${states.length}`
}

function recordOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

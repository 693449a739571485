/**
 * Reads a log once, from its first byte, and says whether the chain holds.
 *
 * What it gives: the first bad record with its line number and what is wrong with it; a torn last
 * line (bytes after the last newline, as a crash leaves them) told apart from damage. What it does
 * not give: a tail cut at a line's end, or a log rewritten with fresh links, verifies; only a
 * checkpoint kept elsewhere sees that.
 *
 * Pure: the caller brings the bytes. Members that are not known here are covered by the link and
 * otherwise left alone, so that later record types need no new verifier.
 *
 * @packageDocumentation
 */
import { canonicalizeParsed } from './canonical.ts'
import { FIRST_LINK, nextLink } from './chain.ts'
import { LineCutter } from './lines.ts'

export type BadRecord =
  | 'empty line'
  | 'line too long'
  | 'not UTF-8'
  | 'not JSON'
  | 'not canonical'
  | 'not a record'
  | 'wrong seq'
  | 'wrong previous link'
  | 'wrong link'

interface Walked {
  /** Records that hold, before the first bad one. */
  readonly records: number
  /** Link of the last record that holds, in hex; zeros when there is none. */
  readonly head: string
  /** Bytes of the lines that hold, newlines included. */
  readonly goodBytes: number
  /** `time` of the last record that holds. */
  readonly lastTime: string | null
  /** Bytes after the last newline: an append that a crash cut. 0 for a broken log. */
  readonly tornLastLineBytes: number
  /** SHA-256 of those bytes in hex, null when there are none. */
  readonly tornSha256: string | null
}

export type LogVerdict =
  | (Walked & { readonly ok: true })
  | (Walked & {
      readonly ok: false
      /** `line` counts from 1. */
      readonly firstBad: { readonly line: number; readonly why: BadRecord }
    })

interface ChainFields {
  readonly seq: number
  readonly time: string
  readonly previous: string
  readonly link: string
  /** The record without its link. */
  readonly body: object
}

interface State {
  records: number
  head: Uint8Array
  headHex: string
  goodBytes: number
  lastTime: string | null
}

/** A broken log is a verdict, not an exception; only the source's own errors are thrown. */
export async function verifyLog(chunks: AsyncIterable<Uint8Array>): Promise<LogVerdict> {
  const cutter = new LineCutter()
  const headHex = Buffer.from(FIRST_LINK).toString('hex')
  const state: State = { records: 0, head: FIRST_LINK, headHex, goodBytes: 0, lastTime: null }
  for await (const chunk of chunks) {
    for (const line of cutter.push(chunk)) {
      const why = line === null ? 'line too long' : takeLine(state, line)
      if (why === null) continue
      const firstBad = { line: state.records + 1, why }
      return { ok: false, ...walked(state), tornLastLineBytes: 0, tornSha256: null, firstBad }
    }
  }
  const tail = cutter.tail()
  const tornSha256 = tail.bytes === 0 ? null : tail.sha256
  return { ok: true, ...walked(state), tornLastLineBytes: tail.bytes, tornSha256 }
}

function walked({ records, headHex, goodBytes, lastTime }: State) {
  return { records, head: headHex, goodBytes, lastTime }
}

/** Checks one line against the state and moves the state on; null when the line holds. */
function takeLine(state: State, line: Buffer): BadRecord | null {
  const fields = parseLine(line)
  if (typeof fields === 'string') return fields
  if (fields.seq !== state.records) return 'wrong seq'
  if (fields.previous !== state.headHex) return 'wrong previous link'
  const link = nextLink(state.head, Buffer.from(canonicalizeParsed(fields.body)))
  // Links are public, so an ordinary comparison is enough here.
  const headHex = link.toString('hex')
  if (headHex !== fields.link) return 'wrong link'
  state.records++
  state.head = link
  state.headHex = headHex
  state.goodBytes += line.length + 1
  state.lastTime = fields.time
  return null
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parseLine(line: Buffer): ChainFields | BadRecord {
  if (line.length === 0) return 'empty line'
  let text: string
  let value: unknown
  try {
    text = UTF8.decode(line)
  } catch {
    return 'not UTF-8'
  }
  try {
    value = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (!isCanonical(text, value)) return 'not canonical'
  return chainFields(value) ?? 'not a record'
}

function isCanonical(text: string, value: unknown): boolean {
  try {
    return canonicalizeParsed(value) === text
  } catch {
    return false
  }
}

const LINK = /^[0-9a-f]{64}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function chainFields(value: unknown): ChainFields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { link, ...body } = value as Record<string, unknown>
  const { v, seq, time, type, actor, previous } = body
  if (v !== 1 || typeof type !== 'string' || typeof actor !== 'string') return null
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return null
  if (typeof time !== 'string' || !TIME.test(time)) return null
  if (typeof previous !== 'string' || !LINK.test(previous)) return null
  if (typeof link !== 'string' || !LINK.test(link)) return null
  return { seq, time, previous, link, body }
}

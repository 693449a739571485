/**
 * Shapes: how a secret is written, said in one line.
 *
 * ```
 * ghp_<alnum:36->           a text, then at least 36 letters or digits
 * SG.<word:22>.<word:43>    exactly so many
 * <digit:8-10>:AA<word:33>  from 8 to 10
 * token=^<hex:32>           what stands in front of ^ is looked for, and left as it is
 * <uuid>                    8-4-4-4-12 hexadecimal digits
 * ␠                         a space, because a space divides shapes in the tables
 * ```
 *
 * A run takes as many characters as it can and gives none back, so a shape is matched in one pass and
 * no later character can change what was said. A last run without an upper bound is sure after its
 * least length, so that a long secret costs no waiting.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Look } from '../detector.ts'
import { characterKind, isAlnum, type CharacterKind } from './characters.ts'

export type Part =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'run'; readonly kind: CharacterKind; readonly min: number; readonly max: number }
  | { readonly is: 'mark' }

export interface Shape {
  readonly parts: readonly Part[]
  /** What it begins with, as text; '' when that is a run. */
  readonly prefix: string
  /** The most characters that have to be known to be sure. */
  readonly sureChars: number
}

const UUID = '<anyhex:8>-<anyhex:4>-<anyhex:4>-<anyhex:4>-<anyhex:12>'
const TOKEN = /<([a-z0-9]+):(\d+)(-?)(\d*)>|(\^)|([^<^]+)/gy

/** @throws RangeError when it is not written as above. */
export function parseShape(written: string): Shape {
  const source = written.replaceAll('<uuid>', UUID).replaceAll('␠', ' ')
  const parts: Part[] = []
  let read = 0
  for (const [whole, kind, min, dash, max, mark, text] of source.matchAll(TOKEN)) {
    read += whole.length
    if (mark !== undefined) parts.push({ is: 'mark' })
    else if (text !== undefined) parts.push({ is: 'text', text })
    else if (kind !== undefined) parts.push(runOf(kind, Number(min), dash, max))
  }
  if (read !== source.length || parts.length === 0) throw new RangeError(`no shape: ${written}`)
  const first = parts[0]
  return {
    parts,
    prefix: first?.is === 'text' ? first.text : '',
    sureChars: parts.reduce((sum, part) => sum + lengthOf(part), isOpen(parts.at(-1)) ? 0 : 1),
  }
}

function runOf(kind: string, min: number, dash = '', max = ''): Part {
  const most = max !== '' ? Number(max) : dash === '-' ? Infinity : min
  return { is: 'run', kind: characterKind(kind), min, max: most }
}

function isOpen(part: Part | undefined): boolean {
  return part?.is === 'run' && part.max === Infinity
}

function lengthOf(part: Part): number {
  if (part.is === 'mark') return 0
  if (part.is === 'text') return part.text.length
  return part.max === Infinity ? part.min : part.max
}

/** Whether `shape` stands at `at`; a `yes` says where its secret begins and what else is dropped. */
export function matchShape(shape: Shape, text: string, at: number, isEnd: boolean): Look {
  let next = at
  let start = at
  const short = isEnd ? NO : MORE
  const last = shape.parts.length - 1
  for (let i = 0; i <= last; i++) {
    const part = shape.parts[i]
    if (part === undefined) break
    if (part.is === 'mark') {
      start = next
      continue
    }
    if (part.is === 'text') {
      const known = commonLength(part.text, text, next)
      if (known < part.text.length) return next + known === text.length ? short : NO
      next += known
      continue
    }
    const open = part.max === Infinity
    const end = endOfRun(part.kind.table, text, next, open ? part.min : part.max)
    if (end - next < part.min) return end === text.length ? short : NO
    if (open && i === last) return { is: 'yes', start, end, then: { while: part.kind.pattern } }
    if (end === text.length && !isEnd) return MORE
    if (i === last && goesOn(part.kind.table, text, end)) return NO
    next = end
  }
  return { is: 'yes', start, end: next }
}

function commonLength(wanted: string, text: string, at: number): number {
  let length = 0
  while (length < wanted.length && wanted.charCodeAt(length) === text.charCodeAt(at + length)) {
    length++
  }
  return length
}

function endOfRun(table: Uint8Array, text: string, from: number, most: number): number {
  const limit = Math.min(text.length, from + most)
  let end = from
  while (end < limit && table[text.charCodeAt(end)] === 1) end++
  return end
}

function goesOn(table: Uint8Array, text: string, end: number): boolean {
  const unit = text.charCodeAt(end)
  return table[unit] === 1 || isAlnum(unit)
}

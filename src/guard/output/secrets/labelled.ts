/**
 * Secrets that are known by the name in front of them; the value alone is masked.
 *
 * A vendor's row asks for a value of its shape behind the vendor's name. Where no row fits, a value
 * behind a general label (`api_key`, `token`, `password`) is judged by itself: keys by their
 * characters per piece, passwords by not being a placeholder.
 *
 * What it does not find: passwords of words only outside quotes (`password: open sesame`), values in
 * front of their labels, labels more than 26 characters away.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import {
  assignedTo,
  endOfName,
  MAX_ASSIGNMENT,
  standsBehind,
  VALUE_GOES_ON,
  type Value,
} from './assignment.ts'
import { isAlnum } from './characters.ts'
import { lookAtFormats } from './formats.ts'
import { addLabel, labelsIn, newLabelTree } from './label-tree.ts'
import { isNoPassword, isPlaceholder } from './placeholder.ts'
import { looksMadeOfMany, looksRandom } from './randomness.ts'
import { GENERAL_LABELS, type GeneralLabel } from './rows/general-labels.ts'
import { LABELLED_FORMATS } from './rows/labelled-formats.ts'
import { matchShape, parseShape, type Shape } from './shape.ts'

interface VendorLabel {
  readonly is: 'vendor'
  readonly code: string
  readonly shapes: readonly Shape[]
}
type Known = VendorLabel | { readonly is: GeneralLabel }

const TREE = newLabelTree<Known>()
for (const [code, labels, shapes] of LABELLED_FORMATS) {
  const vendor: VendorLabel = {
    is: 'vendor',
    code: `output.secret.${code}`,
    shapes: shapes.split(' ').map(parseShape),
  }
  for (const label of labels.split(' ')) addLabel(TREE, label, vendor)
}
for (const [is, labels] of GENERAL_LABELS) {
  for (const label of labels.split(/\s+/)) addLabel(TREE, label, { is })
}

function look(text: string, at: number, before: string, isEnd: boolean): Look {
  if (before === '_') return NO
  const nameEnd = endOfName(text, at)
  if (nameEnd === text.length && !isEnd) return MORE
  const inName = labelsIn(TREE, text, { from: at, to: nameEnd, isEnd })
  if (inName === 'more') return MORE
  const none: Look = { is: 'no', until: nameEnd }
  if (!inName.some(({ is }) => is !== 'innocent')) return none
  const isFlag = before === '-'
  for (const assigned of [assignedTo, standsBehind]) {
    const value = assigned(text, nameEnd, isEnd)
    if (value === 'more') return MORE
    if (value === undefined) continue
    const look = lookAtValue(text, { nameEnd, labels: inName, isFlag }, value)
    if (look.is !== 'no') return look
  }
  return none
}

interface Name {
  /** `--name`. */
  readonly isFlag: boolean
  readonly nameEnd: number
  readonly labels: readonly Known[]
}

function lookAtValue(text: string, name: Name, given: Value): Look {
  const value = withoutStop(text, given)
  // All of the value is known, so a format is asked for in it alone, and nothing is waited for.
  const format = lookAtFormats(text.slice(0, value.end), value.start, '', true)
  if (format.is === 'yes') return { ...format, start: format.start ?? value.start }
  const gap = { from: name.nameEnd, to: value.nameEnd, isEnd: true }
  const inGap = labelsIn(TREE, text, gap)
  const labels = inGap === 'more' ? name.labels : [...name.labels, ...inGap]
  return judge(labels, {
    value,
    text: text.slice(value.start, value.end),
    gap: text.slice(gap.from, gap.to),
    signs: text.slice(gap.to, value.start),
    isFlag: name.isFlag,
  })
}

/** The full stop of a sentence is not the value's. */
function withoutStop(text: string, value: Value): Value {
  if (value.quote !== '' || value.length === 'cut') return value
  let { end } = value
  while (end > value.start + 1 && '.:?'.includes(text.charAt(end - 1))) end--
  return { ...value, end }
}

function isNamePart(unit: number): boolean {
  return isAlnum(unit) || unit === 0x5f
}

interface Given {
  readonly value: Value
  readonly text: string
  /** Between the name and the sign. */
  readonly gap: string
  readonly signs: string
  readonly isFlag: boolean
}

function judge(labels: readonly Known[], given: Given): Look {
  const { value, text } = given
  if (isPlaceholder(text)) return NO
  for (const label of labels) {
    if (label.is === 'vendor' && fits(label, text)) return found(label.code, value)
  }
  // A call, or a part of another value.
  if (value.after === '(' || value.after === '[') return NO
  const kinds = new Set(labels.map(({ is }) => is))
  if (kinds.has('innocent')) return NO
  if (kinds.has('password') && isPassword(given)) return found('output.secret.password', value)
  if (!kinds.has('key') && !kinds.has('password')) return NO
  return looksRandom(text) ? found('output.secret.random', value) : NO
}

function fits({ shapes }: VendorLabel, text: string): boolean {
  return (
    looksMadeOfMany(text) && shapes.some((shape) => matchShape(shape, text, 0, true).is === 'yes')
  )
}

const MIN_PASSWORD = 4
const MIN_BARE_PASSWORD = 6

/** Of words only it has to be quoted or written as `PASSWORD=words`: prose assigns too. */
function isPassword({ value, text, gap, signs, isFlag }: Given): boolean {
  if (isNoPassword(text)) return false
  if (value.by === 'space' && !isFlag) return false
  const isStrong = text.length >= MIN_BARE_PASSWORD && /[0-9]/.test(text) && /[A-Za-z]/.test(text)
  const words = gap.match(/[A-Za-z0-9]+/g)?.length ?? 0
  if (words > 1) return isStrong && /^[A-Za-z ]+$/.test(gap)
  if (signs.startsWith(',') || signs.includes('``')) return false
  if (isStrong) return true
  if (text.length < MIN_PASSWORD || words > 0 || signs.startsWith('(')) return false
  if (value.quote !== '') return value.after === value.quote
  if (signs === '=') return /^[\s;&]?$/.test(value.after)
  return signs === '>' && gap === '' && value.after === '<'
}

function found(code: string, value: Value): Look {
  const yes = { is: 'yes', start: value.start, end: value.end, code } as const
  return value.length === 'cut' ? { ...yes, then: { while: VALUE_GOES_ON } } : yes
}

export const LABELLED_DETECTOR: Detector = {
  code: 'output.secret.labelled',
  class: 'secret',
  maxHoldBackChars: MAX_ASSIGNMENT,
  example: 'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYq7Zr2LmX9v"',
  reason: 'keys without a form of their own are told by their names',
  startsWith: isNamePart,
  onlyAtWordStart: true,
  look,
}

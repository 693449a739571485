/**
 * The data of a Kubernetes Secret: what stands under `data:` or `stringData:` of `kind: Secret`.
 *
 * All of the block goes from its first value on, because its names say nothing: `tls.key`, `config`,
 * `id`. What it does not find: data in front of `kind`, or more than 300 characters behind it, and
 * manifests in JSON.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Follow, type Look } from '../detector.ts'
import { isPlaceholder } from './placeholder.ts'

const WORDS = 'kind:'
const MAX_KIND = 40
const KIND = /^kind:[ \t]*["']?Secret["']?[ \t]*\r?\n/
const KIND_BEGINS = /^kind:[ \t]*["']?S?e?c?r?e?t?["']?[ \t]*\r?$/
const MAX_FRONT = 300
const DATA = /\n(?:data|stringData):[ \t]*\r?\n/
/** Another document, or the end of a fence. */
const OTHER = /\n(?:---|```)/
const MAX_FIRST_LINE = 160
const FIRST_LINE = /^[ \t]+[\w.-]+:[ \t]*(?=\S)/
const FIRST_LINE_BEGINS = /^[ \t]*[\w.-]*:?[ \t]*$/

function look(text: string, at: number, _before: string, isEnd: boolean): Look {
  if (!text.startsWith(WORDS, at)) {
    return !isEnd && WORDS.startsWith(text.slice(at)) ? MORE : NO
  }
  const known = text.slice(at, at + MAX_KIND)
  if (!KIND.test(known)) return !isEnd && KIND_BEGINS.test(known) ? MORE : NO
  const front = text.slice(at, at + MAX_FRONT)
  const data = DATA.exec(front)
  const other = OTHER.exec(front)
  if (other !== null && (data === null || other.index < data.index)) return NO
  if (data === null) return !isEnd && front.length < MAX_FRONT ? MORE : NO
  return lookAtFirstLine(text, at + data.index + data[0].length, isEnd)
}

function lookAtFirstLine(text: string, from: number, isEnd: boolean): Look {
  const known = text.slice(from, from + MAX_FIRST_LINE)
  const isCut = known.length === MAX_FIRST_LINE
  const name = FIRST_LINE.exec(known)?.[0].length
  if (name === undefined) {
    return !isEnd && !isCut && FIRST_LINE_BEGINS.test(known) ? MORE : NO
  }
  const value = /^\S+/.exec(known.slice(name))?.[0] ?? ''
  if (!isEnd && !isCut && name + value.length === known.length) return MORE
  if (isPlaceholder(value)) return NO
  const start = from + name
  return { is: 'yes', start, end: start + value.length, then: { follow: toEndOfBlock() } }
}

/** To the line break in front of a line that is not indented. */
function toEndOfBlock(): Follow {
  return (text, from, isEnd) => {
    let to = text.indexOf('\n', from)
    while (to >= 0 && to + 1 < text.length) {
      if (!' \t'.includes(text.charAt(to + 1))) return { to, isOver: true }
      to = text.indexOf('\n', to + 1)
    }
    if (to < 0) return { to: text.length, isOver: isEnd }
    return { to, isOver: isEnd }
  }
}

export const KUBERNETES_SECRET: Detector = {
  code: 'output.secret.kubernetes-secret',
  class: 'secret',
  maxHoldBackChars: MAX_FRONT + MAX_FIRST_LINE,
  example: 'kind: Secret\nmetadata:\n  name: a\ndata:\n  id: Zm9vYmFyMTIzNDU2\n',
  reason: 'kubernetes.io/docs/concepts/configuration/secret',
  startsWith: (unit) => unit === WORDS.charCodeAt(0),
  onlyAtWordStart: true,
  look,
}

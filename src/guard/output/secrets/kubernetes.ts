/**
 * The data of a Kubernetes Secret: what stands under `data:` or `stringData:` of `kind: Secret`.
 *
 * All of the block goes from its first value on, because its names say nothing: `tls.key`, `config`,
 * `id`. What it does not find: data and kind more than 300 characters apart, and manifests in
 * JSON.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Follow, type Look } from '../detector.ts'
import { isPlaceholder } from './placeholder.ts'

/** From the first line on, all that is read before it is decided. */
const MAX_READ = 360
const MAX_LINE = 120
const KIND = /^kind:[ \t]*["']?[Ss]ecret["']?[ \t]*(?:#.*)?\r?$/
const DATA = /^(?:data|stringData):[ \t]*(?:#.*)?\r?$/
/** Another document, or the end of a fence. */
const OTHER = /^(?:---|```)/
const VALUE = /^([ \t]+["']?[\w.-]+["']?:[ \t]*)(\S+)/
const OF_YAML = /^(?:[ \t]|#|$|[\w.-]+:|\r$)/

type Line = { readonly text: string; readonly next: number } | 'more' | undefined

/** A line that is longer than any of a manifest is none; one without its end is not known yet. */
function lineAt(text: string, at: number, isEnd: boolean): Line {
  const end = text.indexOf('\n', at)
  if (end >= 0 && end - at <= MAX_LINE) return { text: text.slice(at, end), next: end + 1 }
  const known = text.length - at
  if (end >= 0 || known > MAX_LINE) return undefined
  if (!isEnd) return 'more'
  return known > 0 ? { text: text.slice(at), next: text.length } : undefined
}

function look(text: string, at: number, before: string, isEnd: boolean): Look {
  if (before !== '' && before !== '\n') return NO
  const first = lineAt(text, at, isEnd)
  if (first === 'more') return BEGINNINGS.some((word) => startsAlike(text, at, word)) ? MORE : NO
  if (first === undefined) return NO
  if (KIND.test(first.text)) return lookForData(text, at, first.next, isEnd)
  if (DATA.test(first.text)) return lookForKind(text, at, first.next, isEnd)
  return NO
}

const BEGINNINGS = ['kind:', 'data:', 'stringData:']

function startsAlike(text: string, at: number, word: string): boolean {
  const known = text.slice(at, at + word.length)
  return word.startsWith(known)
}

function lookForData(text: string, from: number, start: number, isEnd: boolean): Look {
  for (let at = start; at - from < MAX_READ;) {
    const line = lineAt(text, at, isEnd)
    if (line === 'more') return MORE
    if (line === undefined || OTHER.test(line.text)) return NO
    if (DATA.test(line.text)) return lookAtValues(text, from, line.next, isEnd)
    at = line.next
  }
  return NO
}

/** Data in front: masked as far as the kind behind it is known. */
function lookForKind(text: string, from: number, start: number, isEnd: boolean): Look {
  for (let at = start; at - from < MAX_READ;) {
    const line = lineAt(text, at, isEnd)
    if (line === 'more') return MORE
    if (line === undefined || OTHER.test(line.text) || !OF_YAML.test(line.text)) return NO
    if (KIND.test(line.text)) return lookAtValues(text, from, start, isEnd)
    at = line.next
  }
  return NO
}

function lookAtValues(text: string, from: number, start: number, isEnd: boolean): Look {
  for (let at = start; at - from < MAX_READ;) {
    const line = lineAt(text, at, isEnd)
    if (line === 'more') return MORE
    if (line === undefined || !/^[ \t]/.test(line.text)) return NO
    const value = VALUE.exec(line.text)
    if (value !== null && holdsSomething(value[2] ?? '')) {
      const begin = at + (value[1]?.length ?? 0)
      const end = begin + (value[2]?.length ?? 0)
      return { is: 'yes', start: begin, end, then: { follow: toEndOfBlock() } }
    }
    at = line.next
  }
  return NO
}

function holdsSomething(value: string): boolean {
  const bare = value.replaceAll(/["'#]/g, '')
  return bare.length > 1 && !isPlaceholder(bare)
}

/** To the line break in front of a line that is not indented. */
function toEndOfBlock(): Follow {
  return (text, from, isEnd) => {
    let to = text.indexOf('\n', from)
    while (to >= 0 && to + 1 < text.length) {
      if (!' \t'.includes(text.charAt(to + 1))) return { to, isOver: true }
      to = text.indexOf('\n', to + 1)
    }
    return { to: to < 0 ? text.length : to, isOver: isEnd }
  }
}

export const KUBERNETES_SECRET: Detector = {
  code: 'output.secret.kubernetes-secret',
  class: 'secret',
  maxHoldBackChars: MAX_READ + MAX_LINE + 2,
  example: 'kind: Secret\nmetadata:\n  name: a\ndata:\n  id: Zm9vYmFyMTIzNDU2\n',
  reason: 'kubernetes.io/docs/concepts/configuration/secret',
  startsWith: (unit) => BEGINNINGS.some((word) => word.charCodeAt(0) === unit),
  onlyAtWordStart: true,
  look,
}

/**
 * Images and links that carry what was said to somebody else.
 *
 * An image is fetched without anybody's doing, so one from an origin that is not allowed goes whatever
 * it carries; a link goes when it carries a query, a fragment or a path with room for data. What it
 * does not give: data in a link that is shorter than that, links to other schemes, and an image by
 * reference (`![a][1]`) whose definition carries nothing.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from './detector.ts'
import { MAX_TAG_CHARS, readAttributes, tagAt } from './markup.ts'
import { judgeUrl, MAX_URL_CHARS, readOrigins, REST_OF_URL, type Origins } from './urls.ts'

/** @throws Fault `GUARD_SETTINGS` for an entry that is no origin. */
export function linkDetectors(linkOrigins: readonly string[]): readonly Detector[] {
  const origins = readOrigins(linkOrigins)
  return [
    imageDetector(origins),
    tagDetector(origins),
    relativeDetector(origins),
    urlDetector(origins),
  ]
}

const MAX_ALT = 256
const IMAGE = /^!\[(?:[^\]\\]|\\.|\](?!\())*\]\(\s{0,8}<?/s
const IMAGE_BEGUN = /^!(?:$|\[(?:[^\]\\]|\\.|\](?!\())*(?:\\|\]|\]\(\s{0,8})?$)/s
const ABSOLUTE = /^(?:h|ht|htt|http|https|(?:https?:)?[/\\]|https?:)/i

function imageDetector(origins: Origins): Detector {
  return {
    code: 'output.link.image',
    class: 'link',
    maxHoldBackChars: MAX_ALT + MAX_URL_CHARS,
    example: '![a](https://example.com/a.png)',
    reason: 'EchoLeak, CVE-2025-32711; OWASP LLM10:2026',
    startsWith: (unit) => unit === 0x21,
    look: (text, at, _before, isEnd) => {
      const known = text.slice(at, at + MAX_ALT)
      const lead = IMAGE.exec(known)?.[0]
      if (lead === undefined) {
        const isOpen = !isEnd && at + MAX_ALT > text.length
        return isOpen && IMAGE_BEGUN.test(known) ? MORE : NO
      }
      return lookAtUrl(text, at + lead.length, { origins, asked: 'origin', isEnd })
    },
  }
}

interface UrlTerms {
  readonly origins: Origins
  readonly asked: 'origin' | 'data'
  readonly isEnd: boolean
}

function lookAtUrl(text: string, start: number, terms: UrlTerms): Look {
  const known = text.slice(start, start + MAX_URL_CHARS)
  if (known === '') return terms.isEnd ? NO : MORE
  if (!ABSOLUTE.test(known)) return NO
  if (isBegun(known) && !terms.isEnd && start + known.length === text.length) return MORE
  const judged = judgeUrl(text, start, terms)
  if (judged.is !== 'foreign') return { is: judged.is }
  return { is: 'yes', start, end: judged.end, then: REST_OF_URL }
}

/** Too short to be told from `httpd`. */
function isBegun(known: string): boolean {
  return /^(?:h|ht|htt|http|https|https?:|(?:https?:)?[/\\]{1,16})$/i.test(known)
}

const LOADING = new Set(['img', 'source', 'video', 'audio', 'track', 'input', 'image'])
const SOURCE = /(?:src|srcset|poster|background|href)=["']?((?:https?:)?[/\\]{2}[^"'>]*)/gi

function tagDetector(origins: Origins): Detector {
  return {
    code: 'output.link.image',
    class: 'link',
    maxHoldBackChars: MAX_TAG_CHARS,
    example: '<img src="https://example.com/a.png">',
    reason: 'as an image in Markdown',
    startsWith: (unit) => unit === 0x3c,
    look: (text, at, _before, isEnd) => {
      const tag = tagAt(text, at, isEnd)
      if (tag.is === 'none') return NO
      if (tag.name === '') return MORE
      if (!LOADING.has(tag.name)) return NO
      if (tag.is === 'more') return MORE
      const sources = [...readAttributes(tag.text).matchAll(SOURCE)].map(([, url = '']) => url)
      const isForeign = sources.some(
        (url) => judgeUrl(url, 0, { origins, asked: 'origin', isEnd: true }).is === 'foreign',
      )
      return isForeign || tag.is === 'cut' ? { is: 'yes', end: at + 1 + tag.name.length } : NO
    },
  }
}

const RELATIVE = /^\](?:\(|:)\s{0,8}<?(?=[/\\]{2})/
const RELATIVE_BEGUN = /^\](?:[(:]\s{0,8}<?[/\\]?)?$/

/** `//example.com` in a link of Markdown; elsewhere it is nobody's. */
function relativeDetector(origins: Origins): Detector {
  return {
    code: 'output.link',
    class: 'link',
    maxHoldBackChars: 12 + MAX_URL_CHARS,
    example: '[a](//example.com/?q=what+was+said+in+here)',
    reason: 'a browser adds the scheme',
    startsWith: (unit) => unit === 0x5d,
    look: (text, at, _before, isEnd) => {
      const known = text.slice(at, at + 16)
      const lead = RELATIVE.exec(known)?.[0]
      if (lead === undefined) return RELATIVE_BEGUN.test(known) && !isEnd ? MORE : NO
      return lookAtUrl(text, at + lead.length, { origins, asked: 'data', isEnd })
    },
  }
}

function urlDetector(origins: Origins): Detector {
  return {
    code: 'output.link',
    class: 'link',
    maxHoldBackChars: MAX_URL_CHARS,
    example: 'https://example.com/?q=what+was+said+in+here',
    reason: 'one click, or a preview, and somebody else has it',
    startsWith: (unit) => unit === 0x68 || unit === 0x48,
    onlyAtWordStart: true,
    look: (text, at, _before, isEnd) => lookAtUrl(text, at, { origins, asked: 'data', isEnd }),
  }
}

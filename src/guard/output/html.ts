/**
 * HTML that acts where an answer is shown as HTML: it runs code, loads a page, or sends a form.
 *
 * Only the beginning of a tag goes (`<script` becomes `[HTML]`), so that what is left is text. What it
 * does not give: a sanitiser; who shows answers as HTML needs one, and this is for when it is not
 * there. Style sheets are not held for active, nor is HTML told from HTML in a block of code.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from './detector.ts'
import { MAX_TAG_CHARS, readAttributes, tagAt, type Tag } from './markup.ts'

const ACTIVE_ELEMENTS: Readonly<Record<string, string>> = {
  script: 'runs',
  iframe: 'loads a page, which runs',
  frame: 'as iframe',
  frameset: 'as iframe',
  portal: 'as iframe',
  object: 'loads and runs what its type says',
  embed: 'as object',
  applet: 'as object',
  form: 'sends what is typed to where it says',
  base: 'changes where every link of the page leads',
}

interface TagRule {
  readonly name: string
  /** What the tag is matched with. */
  readonly reads: 'as it stands' | 'as a browser reads it'
  readonly pattern: RegExp
  readonly reason: string
}

const SCHEMES = '(?:javascript|vbscript|livescript):'
const UNSAFE_DATA = 'data:(?!image/(?:png|gif|jpe?g|webp|avif|bmp)[;,])'

const TAG_RULES: readonly TagRule[] = [
  {
    name: 'handler',
    reads: 'as it stands',
    pattern: /[\s"'/]on[a-z]{2,30}\s*=/i,
    reason: 'runs when something happens to the element',
  },
  {
    name: 'scheme',
    reads: 'as a browser reads it',
    pattern: new RegExp(`=["']?(?:${SCHEMES}|${UNSAFE_DATA})`, 'i'),
    reason: 'a URL that is code, or a page of its own',
  },
  {
    name: 'refresh',
    reads: 'as a browser reads it',
    pattern: /^<meta.*http-equiv=["']?refresh/i,
    reason: 'leaves for another page by itself',
  },
]

/** In a tag that is longer than anybody reads, an attribute is enough. */
const ATTRIBUTE = /\s[\w:-]+\s*=/

function lookAtTag(text: string, at: number, isEnd: boolean): Look {
  const tag = tagAt(text, at, isEnd)
  if (tag.is === 'none') return NO
  const end = at + 1 + tag.name.length
  if (Object.hasOwn(ACTIVE_ELEMENTS, tag.name)) {
    return { is: 'yes', end, code: `output.html.${tag.name}` }
  }
  if (tag.is === 'more') return MORE
  const rule = ruleFor(tag)
  return rule === null ? NO : { is: 'yes', end, code: `output.html.${rule}` }
}

function ruleFor(tag: Tag & { readonly is: 'whole' | 'cut' }): string | null {
  const read = readAttributes(tag.text)
  const rule = TAG_RULES.find(({ reads, pattern }) =>
    pattern.test(reads === 'as it stands' ? tag.text : read),
  )
  if (rule !== undefined) return rule.name
  return tag.is === 'cut' && ATTRIBUTE.test(tag.text) ? 'long' : null
}

/** Of Markdown, in front of where a link leads: `](`, `]: `, `<`. */
const LEAD = /^(?:\]\(|\]:|<)[\s<]{0,8}/
const LEAD_BEGUN = /^(?:\]|<)?$/
const DESTINATIONS = [
  'javascript:',
  'vbscript:',
  'livescript:',
  'data:text/',
  'data:image/svg',
  'data:application/',
]
const MAX_DESTINATION = 64

function lookAtLink(text: string, at: number, isEnd: boolean): Look {
  const known = text.slice(at, at + MAX_DESTINATION)
  const lead = LEAD.exec(known)?.[0]
  if (lead === undefined) return LEAD_BEGUN.test(known) && !isEnd ? MORE : NO
  for (let length = lead.length + 1; length <= known.length; length++) {
    const read = readAttributes(known.slice(lead.length, length)).toLowerCase()
    if (DESTINATIONS.includes(read)) {
      const found = { start: at + lead.length, end: at + length }
      return { is: 'yes', ...found, code: 'output.html.scheme' }
    }
  }
  if (isEnd || known.length === MAX_DESTINATION) return NO
  return mayBecomeDestination(known.slice(lead.length)) ? MORE : NO
}

function mayBecomeDestination(known: string): boolean {
  const whole = known.replace(/&[#\w]{0,9}$/, '')
  const read = readAttributes(whole).toLowerCase()
  return DESTINATIONS.some((destination) => destination.startsWith(read))
}

export const HTML_DETECTORS: readonly Detector[] = [
  {
    code: 'output.html',
    class: 'html',
    maxHoldBackChars: MAX_TAG_CHARS,
    example: '<script>',
    reason: 'OWASP LLM05:2025, improper output handling',
    startsWith: (unit) => unit === 0x3c,
    look: (text, at, _before, isEnd) => lookAtTag(text, at, isEnd),
  },
  {
    code: 'output.html.scheme',
    class: 'html',
    maxHoldBackChars: MAX_DESTINATION,
    example: '[x](javascript:alert(1))',
    reason: 'a link that is code, in Markdown',
    startsWith: (unit) => unit === 0x5d || unit === 0x3c,
    look: (text, at, _before, isEnd) => lookAtLink(text, at, isEnd),
  },
]

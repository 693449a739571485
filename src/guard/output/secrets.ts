/**
 * Keys and tokens of known vendors, each by the words it begins with.
 *
 * A rule is sure once it has seen its prefix and `minChars` more; what follows of the same kind is
 * dropped without being held back, so a long secret costs no waiting.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look, type Rest } from './detector.ts'

interface PrefixRule {
  readonly name: string
  readonly prefixes: readonly string[]
  /** What follows the prefix. */
  readonly body: RegExp
  readonly minChars: number
  /** What is dropped after those, when it is more than the body. */
  readonly rest?: RegExp
  readonly example: string
  readonly source: string
}

const WORD = /[A-Za-z0-9_-]/
/** In front of a secret: `_` and `-` may stand there, as in Markdown and in names of variables. */
const INSIDE_A_WORD = /[A-Za-z0-9]/

const RULES: readonly PrefixRule[] = [
  {
    name: 'sk',
    prefixes: ['sk-local-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-ant-', 'sk-or-'],
    body: WORD,
    minChars: 16,
    example: 'sk-local-AAAAAAAAAAAAAAAAAAAAAAAA',
    source: 'our own API keys; the documented kinds of OpenAI, Anthropic and OpenRouter',
  },
  {
    // No dash in the body: `sk-learn-compatible-estimators` is no key.
    name: 'sk-plain',
    prefixes: ['sk-'],
    body: /[A-Za-z0-9]/,
    minChars: 20,
    rest: WORD,
    example: 'sk-AAAAAAAAAAAAAAAAAAAAAAAA',
    source: 'first keys of OpenAI, and servers that copy their form',
  },
  {
    name: 'aws-access-key-id',
    prefixes: ['AKIA', 'ASIA'],
    body: /[A-Z0-9]/,
    minChars: 16,
    example: 'AKIAIOSFODNN7EXAMPLE',
    source: 'AWS IAM user guide, unique identifiers',
  },
  {
    name: 'github-token',
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    body: /[A-Za-z0-9]/,
    minChars: 36,
    example: 'ghp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    source: 'GitHub docs, token formats',
  },
  {
    name: 'github-fine-grained-token',
    prefixes: ['github_pat_'],
    body: /[A-Za-z0-9_]/,
    minChars: 22,
    example: 'github_pat_AAAAAAAAAAAAAAAAAAAAAA',
    source: 'GitHub docs, token formats',
  },
  {
    name: 'slack-token',
    prefixes: ['xoxb-', 'xoxa-', 'xoxp-', 'xoxr-', 'xoxs-'],
    body: /[A-Za-z0-9-]/,
    minChars: 10,
    example: 'xoxb-1234567890-abcdef',
    source: 'Slack API docs, token types',
  },
  {
    name: 'google-api-key',
    prefixes: ['AIza'],
    body: WORD,
    minChars: 35,
    example: 'AIzaAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    source: 'Google Cloud docs, API keys',
  },
]

function prefixDetector(rule: PrefixRule, prefix: string): Detector {
  const need = prefix.length + rule.minChars
  const rest: Rest = { while: rule.rest ?? rule.body }
  return {
    code: `output.secret.${rule.name}`,
    class: 'secret',
    maxHoldBackChars: need,
    example: rule.example,
    reason: rule.source,
    startsWith: (unit) => unit === prefix.charCodeAt(0),
    look: (text, at, before, isEnd) => {
      if (INSIDE_A_WORD.test(before)) return NO
      const known = text.slice(at, at + need)
      if (!known.startsWith(prefix.slice(0, known.length))) return NO
      for (let i = prefix.length; i < known.length; i++) {
        if (!rule.body.test(known.charAt(i))) return NO
      }
      if (known.length < need) return isEnd ? NO : MORE
      return { is: 'yes', end: at + need, then: rest }
    },
  }
}

const MAX_JWT_HEADER = 512
const JWT_BODY_CHARS = 8
/** RFC 7519: base64url of `{"`, a dot, and the same again. */
const JWT = new RegExp(
  `^eyJ[A-Za-z0-9_-]{5,${MAX_JWT_HEADER}}\\.eyJ[A-Za-z0-9_-]{${JWT_BODY_CHARS}}`,
)
const JWT_START = new RegExp(
  `^(?:e|ey|eyJ[A-Za-z0-9_-]{0,${MAX_JWT_HEADER}}|eyJ[A-Za-z0-9_-]{5,${MAX_JWT_HEADER}}\\.(?:e|ey|eyJ[A-Za-z0-9_-]{0,${JWT_BODY_CHARS - 1}})?)$`,
)
const MAX_JWT_SURE = 3 + MAX_JWT_HEADER + 1 + 3 + JWT_BODY_CHARS

/** RFC 7468, and ` BLOCK` as OpenPGP armours its keys (RFC 9580). */
const PEM = /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
const PEM_WORDS = '-----BEGIN '
const PEM_TAIL = /^-----BEGIN (?:[A-Z0-9 ]{0,57}|[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{1,4})$/
const MAX_PEM_LINE = 80

function lookByPattern(
  known: string,
  sure: RegExp,
  possible: RegExp,
  isEnd: boolean,
): { is: 'no' | 'more' } | { is: 'yes'; length: number } {
  const match = sure.exec(known)
  if (match !== null) return { is: 'yes', length: match[0].length }
  return { is: !isEnd && possible.test(known) ? 'more' : 'no' }
}

const JWT_DETECTOR: Detector = {
  code: 'output.secret.jwt',
  class: 'secret',
  maxHoldBackChars: MAX_JWT_SURE,
  example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xx.sig',
  reason: 'RFC 7519; a bearer token is a key until it expires',
  startsWith: (unit) => unit === 0x65,
  look: (text, at, before, isEnd): Look => {
    if (INSIDE_A_WORD.test(before)) return NO
    const found = lookByPattern(text.slice(at, at + MAX_JWT_SURE), JWT, JWT_START, isEnd)
    if (found.is !== 'yes') return { is: found.is }
    return { is: 'yes', end: at + found.length, then: { while: /[A-Za-z0-9_.-]/ } }
  },
}

const PEM_DETECTOR: Detector = {
  code: 'output.secret.private-key',
  class: 'secret',
  maxHoldBackChars: MAX_PEM_LINE,
  example: '-----BEGIN PRIVATE KEY-----',
  reason: 'RFC 7468; all of the block goes, however long',
  startsWith: (unit) => unit === 0x2d,
  // Not asked what stands in front: a sixth dash would hide the block.
  look: (text, at, _before, isEnd): Look => {
    const known = text.slice(at, at + MAX_PEM_LINE)
    if (known.length < PEM_WORDS.length) {
      return PEM_WORDS.startsWith(known) && !isEnd ? MORE : NO
    }
    const found = lookByPattern(known, PEM, PEM_TAIL, isEnd)
    if (found.is !== 'yes') return { is: found.is }
    return {
      is: 'yes',
      end: at + found.length,
      then: { until: PEM_END, untilMaxChars: MAX_PEM_LINE },
    }
  },
}

export const SECRETS: readonly Detector[] = [
  PEM_DETECTOR,
  JWT_DETECTOR,
  ...RULES.flatMap((rule) => rule.prefixes.map((prefix) => prefixDetector(rule, prefix))),
]

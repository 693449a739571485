/**
 * `format`: which are asserted, as patterns of our own dialect, and which are refused.
 *
 * A string that a pattern here admits is valid for the format, always. Where the other direction
 * fails (a valid string that is never written), docs/spec/grammar.md says which. Formats that JSON
 * Schema does not define are annotations, as it asks.
 *
 * @packageDocumentation
 */
const DIGIT31 = '(0[1-9]|[12]\\d|3[01])'
const DIGIT30 = '(0[1-9]|[12]\\d|30)'
const DAYS_TO_28 = '(0[1-9]|1\\d|2[0-8])'
const LEAP_YEAR = '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)'
const DATE =
  `(\\d{4}-((0[13578]|1[02])-${DIGIT31}|(0[469]|11)-${DIGIT30}|02-${DAYS_TO_28})` +
  `|${LEAP_YEAR}-02-29)`
const HOUR_MINUTE = '([01]\\d|2[0-3]):[0-5]\\d'
const TIME = `${HOUR_MINUTE}:[0-5]\\d(\\.\\d{1,9})?([Zz]|[+-]${HOUR_MINUTE})`

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = `${OCTET}(\\.${OCTET}){3}`
const HEXTET = '[0-9A-Fa-f]{1,4}'

/** RFC 4291: eight groups, or fewer around one `::`, and an IPv4 address in place of the last two. */
function ipv6(): string {
  const tail = (groups: number) => (groups === 0 ? '' : `(${HEXTET}(:${HEXTET}){0,${groups - 1}})?`)
  const forms = [`${HEXTET}(:${HEXTET}){7}`, `(${HEXTET}:){6}${IPV4}`]
  for (let before = 0; before <= 7; before++) {
    const head = before === 0 ? '' : `${HEXTET}(:${HEXTET}){${before - 1}}`
    forms.push(`${head}::${tail(7 - before)}`)
    if (before <= 5) forms.push(`${head}::(${HEXTET}:){0,${5 - before}}${IPV4}`)
  }
  return forms.join('|')
}

/** RFC 3339, appendix A. */
function duration(): string {
  const seconds = '\\d+S'
  const time = `T(\\d+H(\\d+M(${seconds})?)?|\\d+M(${seconds})?|${seconds})`
  const day = '\\d+D'
  const date = `(\\d+Y(\\d+M(${day})?)?|\\d+M(${day})?|${day})(${time})?`
  return `P(${date}|${time}|\\d+W)`
}

// A hyphen at the third and fourth place would announce an encoded international name. Lengths are
// below what DNS allows (63 a label, 253 in all), so that a label needs few states.
const ALNUM = '[A-Za-z0-9]'
const LABEL =
  `(${ALNUM}{1,2}|${ALNUM}[A-Za-z0-9-]${ALNUM}([A-Za-z0-9-]{0,26}${ALNUM})?` +
  `|${ALNUM}[A-Za-z0-9-]-${ALNUM}([A-Za-z0-9-]{0,25}${ALNUM})?)`
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"

const whole = (pattern: string) => `^(${pattern})$`

/** The pattern of each asserted format. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: whole(DATE),
  time: whole(TIME),
  'date-time': whole(`${DATE}[Tt]${TIME}`),
  duration: whole(duration()),
  uuid: whole('[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'),
  ipv4: whole(IPV4),
  ipv6: whole(ipv6()),
  hostname: whole(`${LABEL}(\\.${LABEL}){0,4}`),
  email: whole(`${ATOM}{1,20}(\\.${ATOM}{1,20}){0,2}@${LABEL}(\\.${LABEL}){1,4}`),
  'json-pointer': whole('(/([^~/]|~[01])*)*'),
  'relative-json-pointer': whole('(0|[1-9]\\d*)(#|(/([^~/]|~[01])*)*)'),
}

/** Defined by JSON Schema, and not to be had from a grammar of ours. */
export const REFUSED_FORMATS: ReadonlySet<string> = new Set([
  'idn-email',
  'idn-hostname',
  'iri',
  'iri-reference',
  'regex',
  'uri',
  'uri-reference',
  'uri-template',
])

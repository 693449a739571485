/**
 * Addresses of machines: IPv4, IPv6, MAC.
 *
 * Public and private addresses go alike: a private one names a machine to whoever is inside. What
 * stays names no machine of anybody: loopback, "any", netmasks, networks written with their length,
 * and the resolvers that everyone is told to use. Four numbers behind "version" stay as well.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'
import type { NumberRow } from './row.ts'
import { isDigit, isWord } from './characters.ts'
import { shapeOf, standsAlone, walk } from './shape.ts'

const IPV4 = shapeOf('9{1,3}.9{1,3}.9{1,3}.9{1,3}')
const VERSION =
  /^(?:v|ver|version|release|build|firmware)s?[.:]?[ =:"v]{0,4}(?:\d{1,6}\.){0,5}\d{1,6}/i
const VERSION_SO_FAR = /^(?:v|ver|version|release|build|firmware)s?[.:]?[ =:"v]{0,4}[\d.]*$/
const VERSION_WORDS = ['version', 'ver', 'v', 'release', 'build', 'firmware']
const MAX_VERSION = 64

/** Address, or the beginning of one → why it stays. */
const NOBODYS: readonly { readonly address: RegExp; readonly reason: string }[] = [
  { address: /^127\./, reason: 'loopback' },
  { address: /^0\./, reason: 'any address of this machine' },
  { address: /^255\./, reason: 'netmask or broadcast' },
  { address: /^(?:8\.8\.8\.8|8\.8\.4\.4)$/, reason: 'resolver of Google' },
  { address: /^(?:1\.1\.1\.1|1\.0\.0\.1)$/, reason: 'resolver of Cloudflare' },
  { address: /^(?:9\.9\.9\.9|149\.112\.112\.112)$/, reason: 'resolver of Quad9' },
  { address: /^(?:10\.0\.0\.0|172\.16\.0\.0|192\.168\.0\.0)$/, reason: 'a private network itself' },
  { address: /\.0\.0\.0$/, reason: 'a network, or the version of a browser' },
  { address: /^\d\.\d\.\d\.0$/, reason: 'a version more often than a machine' },
]

const isQuad = (text: string) =>
  /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) &&
  text.split('.').every((part) => Number(part) < 256 && !/^0\d/.test(part))

function isHost(address: string): boolean {
  return isQuad(address) && !NOBODYS.some((row) => row.address.test(address))
}

function lookForIpv4(text: string, at: number, before: string, isEnd: boolean): Look {
  if (isWord(before) || before === '.' || before === '-' || before === '$') return NO
  const found = walk(IPV4, text, at, isEnd)
  if (found.is === 'more') return MORE
  if (found.is === 'no') return NO
  const alone = standsAlone(text, found.end, isEnd)
  if (alone === 'more') return MORE
  const address = text.slice(at, found.end)
  if (alone === 'no' || !isHost(address)) return NO
  if (address.endsWith('.0') && text.charAt(found.end) === '/') {
    if (found.end + 1 === text.length && !isEnd) return MORE
    if (isDigit(text.charAt(found.end + 1))) return NO
  }
  return { is: 'yes', end: found.end, code: 'output.network.ipv4' }
}

/** Steps over a version, so that its numbers are not asked about. */
function lookForVersion(text: string, at: number, before: string, isEnd: boolean): Look {
  if (isWord(before)) return NO
  const known = text.slice(at, at + MAX_VERSION)
  const word = known.toLowerCase()
  const isOpen = known.length < MAX_VERSION && !isEnd
  const isBegun = VERSION_WORDS.some((start) => start.startsWith(word))
  if (isOpen && (isBegun || VERSION_SO_FAR.test(word))) return MORE
  const match = VERSION.exec(known)
  return match === null ? NO : { is: 'no', until: at + match[0].length }
}

export const IPV4_ADDRESS: Detector = {
  code: 'output.network',
  class: 'network',
  maxHoldBackChars: MAX_VERSION,
  example: '84.12.7.201',
  reason: 'names the line a person is at',
  onlyAtWordStart: true,
  startsWith: (unit) => /[\dvVrRbBfF]/.test(String.fromCharCode(unit)),
  look: (text, at, before, isEnd) =>
    isDigit(text.charAt(at))
      ? lookForIpv4(text, at, before, isEnd)
      : lookForVersion(text, at, before, isEnd),
}

const MAX_IPV6 = 45
const IPV6_PART = /[0-9A-Fa-f:.]/
const GROUPS = 8
const MAX_GROUP = 4

/** First groups in use: unicast, unique local, link local, multicast, mapped and translated. */
const IPV6_START =
  /^(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff0[0-9a-f]|64:ff9b|::ffff:\d)/i

function isIpv6(address: string): boolean {
  const halves = address.split('::')
  if (halves.length > 2 || address.includes(':::')) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const isMapped = last.includes('.')
  if (isMapped && !isQuad(last)) return false
  const words = isMapped ? groups.slice(0, -1) : groups
  if (!words.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  const count = words.length + (isMapped ? 2 : 0)
  return halves.length === 2 ? count >= 2 && count < GROUPS : count === GROUPS
}

/** The end of a sentence is none of the address; `::` may be. */
function withoutStops(run: string): string {
  let end = run.length
  while (end > 0 && '.:'.includes(run.charAt(end - 1))) end--
  return run.slice(end) === '::' ? run : run.slice(0, end)
}

function lookForIpv6(text: string, at: number, before: string, isEnd: boolean): Look {
  if (isWord(before) || before === ':' || before === '.') return NO
  let end = at
  while (end < text.length && end - at < MAX_IPV6 && IPV6_PART.test(text.charAt(end))) end++
  const run = text.slice(at, end)
  if (end === text.length && !isEnd && (run.includes(':') || run.length <= MAX_GROUP)) return MORE
  if (end < text.length && isWord(text.charAt(end))) return NO
  const address = withoutStops(run)
  const isWhole = IPV6_START.test(address) || /^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}$/i.test(address)
  if (!isWhole || !isIpv6(address)) return NO
  return { is: 'yes', end: at + address.length, code: 'output.network.ipv6' }
}

export const IPV6_ADDRESS: Detector = {
  code: 'output.network',
  class: 'network',
  maxHoldBackChars: MAX_IPV6 + 1,
  example: '2001:db8:85a3::8a2e:370:7334',
  reason: 'names a machine, often for years',
  onlyAtWordStart: true,
  startsWith: (unit) => unit < 128 && /[0-9A-Fa-f:]/.test(String.fromCharCode(unit)),
  look: lookForIpv6,
}

/** MAC addresses are rows: their shape is fixed. IP addresses are here for their vectors. */
export const NETWORK_ROWS: readonly NumberRow[] = [
  {
    name: 'ipv4',
    examples: ['84.12.7.201', '192.168.17.4', '203.0.113.9'],
    counterexamples: [
      '127.0.0.1',
      '0.0.0.0',
      '255.255.255.0',
      '10.20.0.0/16',
      'version 12.4.16.1',
      'v12.4.16.1',
      '84.12.7.201.5',
      '84.12.7.256',
    ],
    reason: 'names the line a person is at',
    source: 'RFC 791',
  },
  {
    name: 'ipv6',
    examples: ['2001:db8:85a3::8a2e:370:7334', 'fe80::1ff:fe23:4567:890a', '::ffff:84.12.7.201'],
    counterexamples: ['::1', '::', '12:34:56', 'dead::beef', 'std::vector', 'a::b'],
    reason: 'names a machine, often for years',
    source: 'RFC 4291',
  },
]

const isMac = (compact: string) =>
  /^[0-9A-F]{12}$/.test(compact) && !/^(?:0{12}|F{12})$/.test(compact)

export const MAC_ADDRESSES: readonly NumberRow[] = [
  {
    name: 'mac',
    free: ['XX:XX:XX:XX:XX:XX', 'XX-XX-XX-XX-XX-XX', 'XXXX.XXXX.XXXX'],
    barredBehind: ':',
    accepts: isMac,
    examples: ['00:1A:2B:3C:4D:5E', '00-1a-2b-3c-4d-5e', '001a.2b3c.4d5e'],
    counterexamples: ['FF:FF:FF:FF:FF:FF', '00:1A:2B:3C:4D', '00:1A:2B:3C:4D:5G'],
    reason: 'names a device for its life',
    source: 'IEEE 802',
  },
]

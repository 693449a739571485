/**
 * What is no sentence: names, numbers, paths, hashes, and letters of many scripts. Nobody should be
 * flagged for writing what the model has never seen.
 *
 * @packageDocumentation
 */
import { words } from './grammar.ts'
import type { Random } from './random.ts'

/** First and last letter of a stretch of each script. */
const SCRIPTS: readonly (readonly [number, number])[] = [
  [0x61, 0x7a],
  [0x3b1, 0x3c9],
  [0x430, 0x44f],
  [0x561, 0x586],
  [0x5d0, 0x5ea],
  [0x627, 0x64a],
  [0x905, 0x939],
  [0x985, 0x9b9],
  [0xb85, 0xbb9],
  [0xd05, 0xd39],
  [0xd85, 0xdc6],
  [0xe01, 0xe2e],
  [0x10d0, 0x10f0],
  [0x1200, 0x1248],
  [0x1780, 0x17a2],
  [0x1820, 0x1842],
  [0x3041, 0x3093],
  [0x4e00, 0x5e00],
  [0xac00, 0xb400],
  [0x1f300, 0x1f64f],
]

const TECHNICAL = words(
  'src|lib|usr|local|node_modules|index|main|test|config|build|https:|www.example.org|api|v2|users|search|data|image|png|base64|null|true|return|const|x|id|0|1|42|3.14|2024-05-01|10:30|error|INFO|GET|POST|200|404|foo|bar|utf-8|json|Ada|Bob|Lisbon|Oslo|hello|world|yes|no|ok|a|b|c|e|i|h264|mp3|b2b|i18n|k8s|sha1|npm|abi|UTC',
)
const JOINTS = words('/|.|-|_| | | |: |, |=|&|;|()|[]|{}|<|>|"|+|@|#|%')
const HEX = '0123456789abcdef'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function makeFragment(random: Random): string {
  const roll = random.next()
  if (roll < 0.3) return technical(random)
  if (roll < 0.4) return letters(random.happens(0.5) ? HEX : BASE64, 8 + random.below(60), random)
  const script = random.pick(SCRIPTS)
  const count = 1 + random.below(10)
  return Array.from({ length: count }, () => scriptWord(script, random)).join(' ')
}

function technical(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(12) }, () => {
    return (
      random.pick(TECHNICAL) + random.pick([...JOINTS, '/', '.', ' '].map((joint) => joint || ' '))
    )
  })
  return parts.join('').trim()
}

function letters(of: string, count: number, random: Random): string {
  return Array.from({ length: count }, () => of[random.below(of.length)] ?? '').join('')
}

function scriptWord([from, to]: readonly [number, number], random: Random): string {
  const length = 1 + random.below(8)
  const codes = Array.from({ length }, () => from + random.below(to - from + 1))
  return String.fromCodePoint(...codes)
}

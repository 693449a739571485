/**
 * Names of persons, behind words that introduce one: "my name is", "Mr", "Kind regards,".
 *
 * A name has no form; only what stands around it tells it. What it does not find: a name that nobody
 * introduces, and one in a script without capitals. Off in every profile that is built in, because a
 * good answer is full of names; how often it is right stands in docs/guard-evaluation.md.
 *
 * @packageDocumentation
 */
import { labelDetector, type NumberRow, type OtherLabels } from './row.ts'

/** Words that a name follows at once, and how many characters may stand between. */
const ROWS = [
  {
    gap: 3,
    labels: [
      ...['my name is', 'name is', 'name', 'full name', 'first name', 'last name', 'surname'],
      ...[
        'family name',
        'patient',
        'patient name',
        'customer name',
        'account holder',
        'cardholder',
      ],
      ...[
        'beneficiary',
        'signed by',
        'signed',
        'nachname',
        'vorname',
        'ich heiße',
        'mein name ist',
      ],
      ...['nom', 'prénom', 'je m’appelle', "je m'appelle", 'nombre', 'apellido', 'apellidos'],
      ...['me llamo', 'nome', 'cognome', 'mi chiamo', 'naam', 'achternaam'],
    ],
  },
  {
    gap: 2,
    labels: [
      ...['mr', 'mr.', 'mrs', 'mrs.', 'ms', 'ms.', 'dr', 'dr.', 'prof', 'prof.', 'herr', 'frau'],
      ...['monsieur', 'madame', 'señor', 'señora', 'signor', 'signora', 'dear', 'liebe', 'lieber'],
    ],
  },
  {
    gap: 4,
    labels: [
      ...['regards', 'kind regards', 'best regards', 'sincerely', 'yours sincerely'],
      ...['mit freundlichen grüßen', 'viele grüße', 'cordialement', 'saludos', 'cordiali saluti'],
    ],
  },
]

const MAX_NAME = 64
const MAX_WORDS = 4
const WORD = /\p{Lu}(?:\p{L}|['’-]\p{L}){1,24}(?![\p{L}\p{N}_])|\p{Lu}\./uy
const PARTICLE = /(?:van|von|de|der|den|la|le|di|da|al|bin|ibn) /y
/** What may become a further word of a name. */
const GOES_ON = /^[\p{L}\p{M} .'’-]*$/u

/** Capitalised, and nobody's name. */
const NOBODY: ReadonlySet<string> = new Set(
  (
    'sir madam madame team all customer customers colleague colleagues client user users friend friends ' +
    'hiring valued everyone reader guest student students parents the this that and for from to in on at ' +
    'president minister king queen who what please thank thanks damen herren'
  )
    .split(' ')
    .filter((word) => word !== ''),
)

/** Where the name ends that begins here; `at` when none does. */
function nameEnd(text: string, at: number): number {
  let end = at
  let next = at
  for (let words = 0; words < MAX_WORDS; words++) {
    WORD.lastIndex = next
    const word = WORD.exec(text)?.[0]
    if (word === undefined || (words === 0 && NOBODY.has(word.toLowerCase()))) break
    end = next + word.length
    if (text.charAt(end) !== ' ') break
    next = end + 1
    PARTICLE.lastIndex = next
    next += PARTICLE.exec(text)?.[0].length ?? 0
  }
  return end
}

function nameAt(_rows: readonly unknown[], text: string, at: number, isEnd: boolean) {
  if (!/^\p{Lu}$/u.test(text.charAt(at))) return { is: 'no' as const }
  const known = text.slice(at, at + MAX_NAME)
  const end = nameEnd(known, 0)
  const isOpen = known.length < MAX_NAME && !isEnd
  if (isOpen && GOES_ON.test(known.slice(end))) return { is: 'more' as const }
  if (end < 2) return { is: 'no' as const }
  return { is: 'yes' as const, end: at + end, code: 'output.name.introduced' }
}

export function nameDetector(others: OtherLabels) {
  return labelDetector(
    { kind: 'name', reason: 'is somebody', example: 'My name is Ada Lovelace' },
    ROWS,
    MAX_NAME,
    others,
    nameAt,
  )
}

export const NAME_ROWS: readonly NumberRow[] = [
  {
    name: 'introduced',
    examples: [
      'My name is Ada Lovelace',
      'Name: Ludwig van Beethoven',
      'Mrs. O’Brien',
      'Dr. J. R. Whitcombe-Hale',
      'Kind regards,\nMaren Holst',
      'Dear Ms. Okafor',
      'Ich heiße Jörg Ünal',
    ],
    counterexamples: [
      'Dear Sir or Madam',
      'Dear Customer',
      'Ada Lovelace',
      'the name is taken',
      'name = value',
      'Best regards',
      'file name: README2',
    ],
    reason: 'is somebody',
    source: 'how people write letters and forms',
  },
]

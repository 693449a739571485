/**
 * Numbering plans, from the metadata of libphonenumber: read once, as tables, since its parser takes
 * longer than a whole token may.
 *
 * @packageDocumentation
 */
import {
  getCountries,
  getCountryCallingCode,
  Metadata,
  type CountryCode,
} from 'libphonenumber-js/min'

/** Countries that write a 0 in front of the area, by what may follow it. */
const TRUNK_COUNTRIES: readonly CountryCode[] = [
  ...([
    'GB',
    'FR',
    'DE',
    'NL',
    'BE',
    'CH',
    'AT',
    'SE',
    'FI',
    'IE',
    'RO',
    'UA',
    'RS',
    'HR',
  ] as const),
  ...([
    'SI',
    'BG',
    'TR',
    'IL',
    'JP',
    'KR',
    'TW',
    'TH',
    'ID',
    'MY',
    'PH',
    'VN',
    'IN',
    'PK',
  ] as const),
  ...(['AU', 'NZ', 'ZA', 'EG', 'NG', 'KE', 'BR'] as const),
]

/** The pattern of national numbers, which the library has and its types do not. */
function planOf(country: CountryCode): RegExp {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  const plan: object = metadata.numberingPlan ?? {}
  const pattern: unknown =
    'nationalNumberPattern' in plan && typeof plan.nationalNumberPattern === 'function'
      ? plan.nationalNumberPattern.call(plan)
      : undefined
  if (typeof pattern !== 'string') throw new TypeError(`No numbering plan of ${country}`)
  return new RegExp(`^(?:${pattern})$`)
}

/** What follows the 0, by country. */
export const TRUNK_PLANS = TRUNK_COUNTRIES.map(planOf)

/** Calling code → lengths of the national numbers behind it. */
const LENGTHS: ReadonlyMap<string, ReadonlySet<number>> = lengthsByCode()

function lengthsByCode(): Map<string, Set<number>> {
  const byCode = new Map<string, Set<number>>()
  const metadata = new Metadata()
  for (const country of getCountries()) {
    metadata.selectNumberingPlan(country)
    const code: string = getCountryCallingCode(country)
    const lengths = byCode.get(code) ?? new Set()
    for (const length of metadata.numberingPlan?.possibleLengths() ?? []) lengths.add(length)
    byCode.set(code, lengths)
  }
  return byCode
}

const MAX_CODE = 3

/** @param digits - all of them, from the calling code on. */
export function isPossible(digits: string): boolean {
  for (let codeLength = 1; codeLength <= MAX_CODE; codeLength++) {
    const lengths = LENGTHS.get(digits.slice(0, codeLength))
    if (lengths === undefined) continue
    const national = digits.slice(codeLength)
    return (
      lengths.has(national.length) || (national.startsWith('0') && lengths.has(national.length - 1))
    )
  }
  return false
}

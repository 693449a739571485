/**
 * Checksums that stdnum has no module for, and how its modules are asked.
 *
 * @packageDocumentation
 */

/** ISO/IEC 7812-1 annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.charAt(digits.length - 1 - i))
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return sum % 10 === 0
}

/** Sum of the digits by their weights; further digits count nothing. */
export function weigh(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits.charAt(i)), 0)
}

/** Number of any length by a small modulus, letters as 10 to 35. */
export function remainder(text: string, modulus: number): number {
  let rest = 0
  for (const character of text) {
    const value = parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % modulus
  }
  return rest
}

interface StandardNumber {
  readonly validate: (text: string) => { readonly isValid: boolean }
}

export function validFor(...standards: readonly StandardNumber[]): (compact: string) => boolean {
  return (compact) => standards.some(({ validate }) => validate(compact).isValid)
}

/** For numbers whose punctuation says something. */
export function validAsWritten(
  standard: StandardNumber,
): (compact: string, raw: string) => boolean {
  return (_compact, raw) => standard.validate(raw).isValid
}

/** `yymmdd`, `ddmmyy` … at the start: a month and a day that there are. */
export function hasDate(compact: string, order: 'yymmdd' | 'ddmmyy'): boolean {
  const month = Number(compact.slice(2, 4))
  const day = Number(order === 'yymmdd' ? compact.slice(4, 6) : compact.slice(0, 2))
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/** One digit over and over is a placeholder. */
export const isVaried = (compact: string) => new Set(compact).size !== 1

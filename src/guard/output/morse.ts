/**
 * Morse (ITU-R M.1677-1): dots and dashes, letters set apart by spaces or strokes.
 *
 * @packageDocumentation
 */
const CODES: Readonly<Record<string, string>> = {
  ...{ '.-': 'a', '-...': 'b', '-.-.': 'c', '-..': 'd', '.': 'e', '..-.': 'f', '--.': 'g' },
  ...{ '....': 'h', '..': 'i', '.---': 'j', '-.-': 'k', '.-..': 'l', '--': 'm', '-.': 'n' },
  ...{ '---': 'o', '.--.': 'p', '--.-': 'q', '.-.': 'r', '...': 's', '-': 't', '..-': 'u' },
  ...{ '...-': 'v', '.--': 'w', '-..-': 'x', '-.--': 'y', '--..': 'z', '-----': '0' },
  ...{ '.----': '1', '..---': '2', '...--': '3', '....-': '4', '.....': '5', '-....': '6' },
  ...{ '--...': '7', '---..': '8', '----.': '9' },
}

const LETTERS = new Map(Object.entries(CODES).map(([code, letter]) => [letter, code]))

const SIGNS: Readonly<Record<string, string>> = {
  ...{ '.': '.', '·': '.', '•': '.', '-': '-', '–': '-', '—': '-', '−': '-', _: '-' },
}

export const MAX_MORSE_CHARS = 5

/** Where a letter in Morse can begin. */
export function isMorseUnit(unit: number): boolean {
  return SIGNS[String.fromCharCode(unit)] !== undefined
}

/** The letter that begins at a place, '' when it is none; null when the text ends within it. */
export function morseAt(
  text: string,
  at: number,
  isEnd: boolean,
): { letter: string; to: number } | null {
  let code = ''
  let to = at
  while (to < text.length && code.length <= MAX_MORSE_CHARS) {
    const sign = SIGNS[text.charAt(to)]
    if (sign === undefined) break
    code += sign
    to++
  }
  if (to === text.length && code.length <= MAX_MORSE_CHARS && !isEnd) return null
  return { letter: CODES[code] ?? '', to }
}

/** @returns its letters and digits in Morse; what has no code is left out. */
export function spellMorse(text: string, between: string): string {
  return Array.from(text.toLowerCase(), (letter) => LETTERS.get(letter) ?? '')
    .filter((code) => code !== '')
    .join(between)
}

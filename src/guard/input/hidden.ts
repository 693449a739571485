/**
 * What hidden characters say, for those that can say something: tags are ASCII, variation selectors
 * bytes, zero widths bits. What is read here is only looked at; it never reaches the model.
 *
 * @packageDocumentation
 */
import type { HiddenKind, HiddenRun } from './invisible.ts'

/** More of it says no more about it. */
const MAX_CHARACTERS = 4096
const MIN_SAID = 4
const READABLE = /^[\t\n\r\x20-\x7e\u00a0-\uffff]+$/

const READERS: Partial<Record<HiddenKind, (characters: readonly string[]) => string[]>> = {
  tags: (characters) => [String.fromCodePoint(...characters.map((c) => codeOf(c) & 0x7f))],
  variation: (characters) => [utf8(characters.map(byteOf))],
  'zero-width': bitsOf,
}

/** @returns each text that can be read out of them, by the kind of its characters. */
export function readHidden(runs: readonly HiddenRun[]): { kind: HiddenKind; text: string }[] {
  return Object.entries(READERS).flatMap(([name, read]) => {
    const own = runs.filter(({ kind }) => kind === name)
    const kind = own[0]?.kind
    if (kind === undefined) return []
    // One letter behind each visible one is a text too.
    const characters = Array.from(own.map((run) => run.characters).join('')).slice(
      0,
      MAX_CHARACTERS,
    )
    return read(characters)
      .filter((text) => text.length >= MIN_SAID && READABLE.test(text))
      .map((text) => ({ kind, text }))
  })
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}

/** U+FE00 to U+FE0F are the first sixteen values, U+E0100 and on the others. */
function byteOf(selector: string): number {
  const code = codeOf(selector)
  return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00
}

function utf8(bytes: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(bytes, (n) => n & 0xff),
  )
}

/** The two characters that stand there most are the bits, in either order; others part the bytes. */
function bitsOf(characters: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1)
  const [one, other] = [...counts].toSorted(([, a], [, b]) => b - a).map(([character]) => character)
  if (one === undefined || other === undefined) return []
  return [one, other].map((zero) => {
    const bits = characters.flatMap((c) => (c === zero ? '0' : c === one || c === other ? '1' : []))
    const bytes = bits.join('').match(/[01]{8}/g) ?? []
    return utf8(bytes.map((byte) => parseInt(byte, 2)))
  })
}

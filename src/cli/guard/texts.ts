/**
 * What stands in a stream of bytes: one text, or one for each line of JSON.
 *
 * What it gives: texts one after the other, holding no more than one line; what is wrong with its
 * number. What it does not give: the other members of a line, which are passed over.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Fault } from '../../errors.ts'

/** A character may be spelled with six: `\u0041`. */
const SPELLED_CHARS = 6
/** For what else stands in a line. */
const SPARE_CHARS = 65_536

const Row = z.looseObject({ text: z.string() })

export interface GivenText {
  readonly text: string
  /** From 1; of plain text: 1. */
  readonly line: number
}

/** @throws Fault `CLI_USAGE` with the line that is none, or is longer than a text may be. */
export async function* readTexts(
  bytes: AsyncIterable<Uint8Array>,
  maxTextChars: number,
): AsyncGenerator<GivenText> {
  const maxLineChars = maxTextChars * SPELLED_CHARS + SPARE_CHARS
  let plain: string | undefined
  let isFirst = true
  for await (const { text, line, ending } of linesOf(bytes, maxLineChars)) {
    if (plain !== undefined) {
      plain += text + ending
      if (plain.length > maxLineChars) throw tooLong(line, maxLineChars)
      continue
    }
    if (text.trim() === '') continue
    const given = textOf(text)
    if (given !== undefined) yield { text: given, line }
    else if (isFirst) plain = text + ending
    else
      throw new Fault('CLI_USAGE', `line ${line} is no JSON object with a "text" that is a string`)
    isFirst = false
  }
  if (plain !== undefined) yield { text: plain, line: 1 }
}

function textOf(line: string): string | undefined {
  try {
    // Trimmed, a first line loses the byte order mark that some editors write.
    return Row.safeParse(JSON.parse(line.trim())).data?.text
  } catch {
    return undefined
  }
}

function tooLong(line: number, maxLineChars: number): Fault {
  return new Fault('CLI_USAGE', `line ${line}: longer than ${maxLineChars} characters`)
}

interface Line {
  readonly text: string
  readonly line: number
  /** What stood behind it; nothing behind the last one. */
  readonly ending: '' | '\n'
}

async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  maxLineChars: number,
): AsyncGenerator<Line> {
  // A byte order mark is a character of the text: its offsets count.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let held: string[] = []
  let heldChars = 0
  let line = 1
  for await (const piece of decoded(bytes, decoder, () => line)) {
    const parts = piece.split('\n')
    for (const [index, part] of parts.entries()) {
      held.push(part)
      heldChars += part.length
      if (heldChars > maxLineChars) throw tooLong(line, maxLineChars)
      if (index === parts.length - 1) break
      yield { text: held.join(''), line, ending: '\n' }
      held = []
      heldChars = 0
      line++
    }
  }
  if (heldChars > 0) yield { text: held.join(''), line, ending: '' }
}

async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  decoder: TextDecoder,
  lineNow: () => number,
): AsyncGenerator<string> {
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new Fault('CLI_USAGE', `bytes that are not UTF-8, in or soon after line ${lineNow()}`, {
        cause,
      })
    }
  }
  for await (const chunk of bytes) yield decode(chunk)
  yield decode()
}

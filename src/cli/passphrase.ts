/**
 * A passphrase from the terminal: not shown, never a JavaScript string, never in argv or the
 * environment.
 *
 * @packageDocumentation
 */
import { openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { Fault } from '../errors.ts'
import type { Terminal } from './terminal.ts'

const MAX_BYTES = 1024
const END_KEYS: readonly number[] = [0x0a, 0x0d, 0x04]
const ERASE_KEYS: readonly number[] = [0x08, 0x7f]
const ERASE_ALL = 0x15
const INTERRUPT = 0x03

export interface PassphraseSource {
  /** The bytes; the caller overwrites them. `prompt` names what is asked for. */
  readonly ask: (prompt: string) => Promise<Buffer>
}

/** Asks at the terminal. Faults `KEY_STORE_LOCKED` without one, `CLI_INTERRUPTED` at Ctrl-C. */
export function passphraseFromTerminal(terminal: Terminal): PassphraseSource {
  return {
    ask: async (prompt) => {
      const tty = openTerminal()
      const line = new PassphraseLine()
      try {
        // Raw before the prompt, or fast fingers are shown; Ctrl-C is a byte that we read.
        tty.setRawMode(true)
        terminal.draw(`${prompt}: `)
        return await readInto(line, tty)
      } finally {
        line.wipe()
        tty.setRawMode(false)
        tty.destroy()
        terminal.draw('\n')
      }
    },
  }
}

function openTerminal(): ReadStream {
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'))
  } catch (cause) {
    throw new Fault('KEY_STORE_LOCKED', 'the passphrase store needs a terminal', { cause })
  }
}

async function readInto(line: PassphraseLine, tty: ReadStream): Promise<Buffer> {
  for await (const chunk of tty as AsyncIterable<Buffer>) {
    try {
      for (const key of chunk) if (line.press(key) === 'end') return line.take()
    } finally {
      chunk.fill(0)
    }
  }
  return line.take()
}

/** The line as it is typed: bytes, with the usual keys for erasing. */
export class PassphraseLine {
  readonly #bytes = Buffer.alloc(MAX_BYTES)
  #length = 0

  press(key: number): 'more' | 'end' {
    if (END_KEYS.includes(key)) return 'end'
    if (key === INTERRUPT) throw new Fault('CLI_INTERRUPTED', 'interrupted')
    if (ERASE_KEYS.includes(key)) this.#eraseCharacter()
    else if (key === ERASE_ALL) this.#length = 0
    else this.#add(key)
    return 'more'
  }

  /** A copy, for the caller to wipe. */
  take(): Buffer {
    const taken = Buffer.alloc(this.#length)
    this.#bytes.copy(taken, 0, 0, this.#length)
    return taken
  }

  wipe(): void {
    this.#bytes.fill(0)
    this.#length = 0
  }

  #add(key: number): void {
    if (this.#length === MAX_BYTES) {
      throw new Fault('CLI_USAGE', `a passphrase has at most ${MAX_BYTES} bytes`)
    }
    this.#bytes.writeUInt8(key, this.#length++)
  }

  /** Back over the bytes of one UTF-8 character. */
  #eraseCharacter(): void {
    while (this.#length > 0) {
      this.#length--
      if ((this.#bytes.readUInt8(this.#length) & 0xc0) !== 0x80) break
    }
  }
}

/** Asks for two entries: a typing error must not lock the models for good. */
export async function askTwice(source: PassphraseSource, prompt: string): Promise<Buffer> {
  const first = await source.ask(prompt)
  const again = await source.ask(`${prompt}, again`)
  const same = first.equals(again) && first.length > 0
  again.fill(0)
  if (same) return first
  first.fill(0)
  throw new Fault('CLI_USAGE', 'the two entries differ, or are empty')
}

/**
 * The two files of the guard that are secret: the operator's system prompt, and values that must
 * never leave, one a line. Both are read once, and both may be missing.
 *
 *     STATE/guard/system-prompt.txt
 *     STATE/guard/secrets
 *
 * What it gives: files that only their owner can read, or a fault. What it does not give: a word of
 * them in any message.
 *
 * @packageDocumentation
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../errors.ts'

export interface GuardFiles {
  readonly systemPrompt: string | null
  readonly secrets: readonly string[]
}

const MAX_PROMPT_BYTES = 65_536
const MAX_SECRETS_BYTES = 1_048_576
const MAX_SECRETS = 1000
/** A shorter one would mask ordinary words. */
const MIN_SECRET_CHARS = 6
const OTHERS_BITS = 0o077

/** @throws Fault `GUARD_FILE_UNSAFE`, naming the file. */
export function readGuardFiles(statePath: string): GuardFiles {
  const folder = join(statePath, 'guard')
  const prompt = readOwn(join(folder, 'system-prompt.txt'), MAX_PROMPT_BYTES)?.trim()
  const secrets = readOwn(join(folder, 'secrets'), MAX_SECRETS_BYTES)
  return {
    systemPrompt: prompt === undefined || prompt === '' ? null : prompt.normalize('NFC'),
    secrets: secrets === undefined ? [] : linesOf(secrets, join(folder, 'secrets')),
  }
}

function linesOf(text: string, path: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const secrets = lines.filter((line) => line !== '')
  if (secrets.length > MAX_SECRETS) {
    throw new Fault('GUARD_FILE_UNSAFE', `${path} has more than ${MAX_SECRETS} lines`)
  }
  const short = lines.findIndex((line) => line !== '' && line.length < MIN_SECRET_CHARS)
  if (short < 0) return secrets
  const where = `${path}, line ${short + 1}`
  throw new Fault('GUARD_FILE_UNSAFE', `${where}: shorter than ${MIN_SECRET_CHARS} characters`)
}

/** undefined: there is none. */
function readOwn(path: string, maxBytes: number): string | undefined {
  const descriptor = openOwn(path)
  if (descriptor === undefined) return undefined
  try {
    checkFile(path, descriptor, maxBytes)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      readFileSync(descriptor),
    )
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown
    throw new Fault('GUARD_FILE_UNSAFE', `${path} cannot be read as UTF-8 text`)
  } finally {
    closeSync(descriptor)
  }
}

function openOwn(path: string): number | undefined {
  try {
    // A link could name somebody else's file.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unreadable'
    if (code === 'ENOENT') return undefined
    throw new Fault('GUARD_FILE_UNSAFE', `${path} cannot be opened (${code})`)
  }
}

function checkFile(path: string, descriptor: number, maxBytes: number): void {
  const stat = fstatSync(descriptor)
  const refuse = (what: string) => new Fault('GUARD_FILE_UNSAFE', `${path} ${what}`)
  if (!stat.isFile()) throw refuse('is not a file')
  if (stat.uid !== (process.getuid?.() ?? stat.uid)) throw refuse(`belongs to user ${stat.uid}`)
  if ((stat.mode & OTHERS_BITS) !== 0) {
    throw refuse(`has mode ${(stat.mode & 0o777).toString(8)}, not 600`)
  }
  if (stat.size > maxBytes) throw refuse(`has ${stat.size} bytes, at most ${maxBytes} are read`)
}

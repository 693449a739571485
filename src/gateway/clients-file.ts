/**
 * clients.json, read again when it changes: a new client works, and a revoked one stops, within a
 * second and without a restart.
 *
 * A file that is missing means no clients. A file that is broken means nobody gets in until it is
 * mended: the last good list could hold a key that was just revoked.
 *
 * @packageDocumentation
 */
import { readFileSync, statSync } from 'node:fs'
import { Fault } from '../errors.ts'
import { findClient, hashKey, parseClients, type Client } from './clients.ts'

const MAX_FILE_BYTES = 2 * 1024 * 1024
const RECHECK_MS = 1000
const ABSENT = 'absent'

export interface ClientDirectory {
  readonly state: 'ok' | 'invalid'
  /**
   * @throws Fault `CLIENTS_INVALID` while the file cannot be read.
   */
  find(key: string): Client | undefined
}

export class ClientsFile implements ClientDirectory {
  readonly #path: string
  readonly #nowMs: () => number
  #version = ''
  #checkedAtMs = -Infinity
  #clients: readonly Client[] | Fault = []

  constructor(path: string, nowMs: () => number = () => performance.now()) {
    this.#path = path
    this.#nowMs = nowMs
  }

  get state(): 'ok' | 'invalid' {
    return this.#clients instanceof Fault ? 'invalid' : 'ok'
  }

  find(key: string): Client | undefined {
    const hash = hashKey(key)
    if (this.#nowMs() - this.#checkedAtMs >= RECHECK_MS) this.refresh()
    const known = findClient(this.#list(), hash)
    if (known !== undefined) return known
    // Perhaps added a moment ago: `client add` prints a key that should work at once.
    this.refresh()
    return findClient(this.#list(), hash)
  }

  /** Reads the file if it is another one than last time. */
  refresh(): void {
    this.#checkedAtMs = this.#nowMs()
    const version = versionOf(this.#path)
    if (version === this.#version) return
    this.#clients = version === ABSENT ? [] : readClients(this.#path)
    this.#version = version
  }

  #list(): readonly Client[] {
    if (this.#clients instanceof Fault) throw this.#clients
    return this.#clients
  }
}

function versionOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return ABSENT
    return [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('.')
  } catch {
    // Not ours to look at: reading it will say so.
    return 'hidden'
  }
}

function readClients(path: string): readonly Client[] | Fault {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > MAX_FILE_BYTES) {
      return new Fault('CLIENTS_INVALID', `clients.json has ${bytes.length} bytes`)
    }
    return parseClients(bytes)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    return new Fault('CLIENTS_INVALID', 'clients.json cannot be read', { cause: thrown })
  }
}

/**
 * Opening the passphrase store from the terminal.
 *
 * @packageDocumentation
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Fault } from '../errors.ts'
import type { KeeperLink } from './keeper-link.ts'
import { askTwice } from './passphrase.ts'
import type { Session } from './session.ts'

type Unlocking = Pick<Session, 'config' | 'paths' | 'passphrase' | 'terminal'>

const TRIES = 3

/** What the command line needs of keys/store.json; the keeper is the one that checks the file. */
const StoreMemory = z.object({ chosen: z.string(), stores: z.record(z.string(), z.unknown()) })

function readStoreMemory(state: string): z.infer<typeof StoreMemory> | undefined {
  const path = join(state, 'keys/store.json')
  if (!existsSync(path)) return undefined
  try {
    return StoreMemory.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Whether the keeper will wait for a passphrase before it can use a key. */
export function needsPassphrase({ config, paths }: Pick<Session, 'config' | 'paths'>): boolean {
  const { store } = config.keys
  if (store !== 'auto') return store === 'passphrase'
  return readStoreMemory(paths.state)?.chosen === 'passphrase'
}

/**
 * Asks for the passphrase when the store needs one; does nothing for other stores.
 *
 * @throws Fault `KEY_STORE_PASSPHRASE` after three wrong ones, `KEY_STORE_LOCKED` without a terminal.
 */
export async function unlockStore(session: Unlocking, keeper: KeeperLink): Promise<void> {
  if (!needsPassphrase(session)) return
  const { passphrase, paths, terminal } = session
  if (readStoreMemory(paths.state)?.stores.passphrase === undefined) {
    await send(keeper, await askTwice(passphrase, 'new passphrase for the key store'))
    return
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await send(keeper, await passphrase.ask('passphrase'))
      return
    } catch (thrown) {
      const wrong = thrown instanceof Fault && thrown.code === 'KEY_STORE_PASSPHRASE'
      if (!wrong || attempt === TRIES) throw thrown
      terminal.note(thrown.message)
    }
  }
}

async function send(keeper: KeeperLink, bytes: Buffer): Promise<void> {
  try {
    await keeper.ask('store.unlock', bytes, 'store.unlocked')
  } finally {
    bytes.fill(0)
  }
}

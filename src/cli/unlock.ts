/**
 * Opening the passphrase store from the terminal.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KeeperLink } from './keeper-link.ts'
import { askTwice } from './passphrase.ts'
import type { Session } from './session.ts'

/** Asks for the passphrase when the configured store needs one; does nothing for other stores. */
export async function unlockStore(
  session: Pick<Session, 'config' | 'paths' | 'passphrase'>,
  keeper: KeeperLink,
): Promise<void> {
  if (session.config.keys.store !== 'passphrase') return
  const known = existsSync(join(session.paths.state, 'keys/store.json'))
  const { passphrase } = session
  const bytes = known
    ? await passphrase.ask('passphrase')
    : await askTwice(passphrase, 'new passphrase for the key store')
  try {
    await keeper.ask('store.unlock', bytes, 'store.unlocked')
  } finally {
    bytes.fill(0)
  }
}

/**
 * The `file` store: the wrapping key in a file beside the models, for development.
 *
 * What it gives: a first start on a machine without a keychain. What it does not give: protection
 * from whoever has the disk or runs as the same user; it says so each time.
 *
 * @packageDocumentation
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../../errors.ts'
import { syncFolder } from '../../vault/folder-file.ts'
import { WRAPPING_KEY_BYTES } from '../../vault/slots.ts'
import { errnoOf } from '../append-file.ts'
import { HeldKey } from './held-key.ts'
import { checkNewKey, OpenStore, type KeyStore, type SealedKinds } from './key-store.ts'

export const FILE_WARNING =
  'the key of the models lies in a file beside them: whoever has this disk, or runs as this user, can open them. ' +
  'Hint: log in to a desktop with a keyring and set keys.store "keychain", or set keys.store "passphrase".'

const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW
const NEW_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * @param path - Of the key; made with mode 0600 when there is none.
 * @throws Fault `KEY_STORE_MISSING` when models are sealed for a key that is gone; `STATE_UNSAFE`.
 */
export async function openFileStore(path: string, sealed: SealedKinds): Promise<KeyStore> {
  const found = await readKey(path)
  if (found !== null) return new OpenStore('file', found, [FILE_WARNING])
  checkNewKey('file', sealed)
  await makeKey(path)
  const made = await readKey(path)
  if (made === null) throw new Fault('KEY_STORE_MISSING', 'the new key file is gone again')
  return new OpenStore('file', made, [FILE_WARNING])
}

async function readKey(path: string): Promise<HeldKey | null> {
  let handle
  try {
    handle = await open(path, READ_FLAGS)
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null
    if (errnoOf(thrown) === 'ELOOP') throw new Fault('STATE_UNSAFE', 'the key file is a link')
    throw thrown
  }
  const bytes = Buffer.alloc(WRAPPING_KEY_BYTES + 1)
  try {
    const { mode, uid } = await handle.stat()
    if ((mode & 0o077) !== 0 || uid !== process.geteuid?.()) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0')
      throw new Fault('STATE_UNSAFE', `the key file has owner ${uid} and mode ${shown}`)
    }
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    return HeldKey.take(bytes.subarray(0, bytesRead))
  } finally {
    bytes.fill(0)
    await handle.close()
  }
}

/**
 * Written beside and linked into place: the name never stands for half a key, and a key that is
 * there is never replaced.
 */
async function makeKey(path: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`
  const key = randomBytes(WRAPPING_KEY_BYTES)
  const handle = await open(beside, NEW_FLAGS, 0o600)
  try {
    await handle.writeFile(key)
    await handle.sync()
    await link(beside, path)
  } finally {
    key.fill(0)
    await handle.close()
    await unlink(beside)
  }
  syncFolder(dirname(path))
}

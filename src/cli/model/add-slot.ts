/**
 * The keeper wraps a new file key into slots.json of a folder being made.
 *
 * @packageDocumentation
 */
import type { KeeperLink } from '../keeper-link.ts'

/**
 * @param context - 32 bytes, of the folder's manifest.
 * @returns The store that can open the model from now on, and its key's public id.
 */
export async function addSlot(
  keeper: KeeperLink,
  folder: string,
  fileKey: Uint8Array,
  context: Buffer,
): Promise<{ store: string; keyId: string }> {
  const where = Buffer.from(JSON.stringify({ folder, context: context.toString('hex') }))
  const body = Buffer.alloc(fileKey.length + where.length)
  body.set(fileKey, 0)
  body.set(where, fileKey.length)
  try {
    return await keeper.ask('slot.add', body, 'slot.added')
  } finally {
    body.fill(0)
  }
}

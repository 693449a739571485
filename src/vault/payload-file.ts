/**
 * Writes a sealed payload while it is made.
 *
 * @packageDocumentation
 */
import { constants } from 'node:fs'
import { open, unlink } from 'node:fs/promises'

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Writes a stream to a new file of mode 0600 and makes its bytes durable. The name is durable after
 * `syncFolder`, or after the rename of the folder it is in.
 *
 * @param sealed - `sealPayload(…)`.
 * @returns Bytes written.
 * @throws The error of the source or of the call that failed; the file is removed then.
 */
export async function writePayloadFile(
  path: string,
  sealed: AsyncIterable<Uint8Array>,
): Promise<number> {
  const file = await open(path, FLAGS, 0o600)
  let written = 0
  try {
    try {
      for await (const bytes of sealed) {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
        written += bytes.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (thrown) {
    await unlink(path).catch(() => undefined)
    throw thrown
  }
  return written
}

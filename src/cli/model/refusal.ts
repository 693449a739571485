/**
 * Models that were not taken, for the record.
 *
 * What it gives: an event for bytes that are not the expected ones, from whatever source. What it
 * does not give: the verdict of a trial load; import.ts records that together with its key's slot.
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../../errors.ts'
import type { KeeperLink } from '../keeper-link.ts'
import { recordEvent } from '../keeper-session.ts'
import type { Session } from '../session.ts'

/** Runs its argument with a keeper: the daemon's, or one made for this. */
export type KeeperAccess = <T>(act: (keeper: KeeperLink) => Promise<T>) => Promise<T>

/**
 * Runs `make`; a `DOWNLOAD_MISMATCH` of it goes into the record before it is thrown on.
 *
 * A record that cannot be written is a warning here: the refusal stands without it.
 */
export async function recordMismatch<T>(
  { terminal }: Session,
  name: string,
  withKeeper: KeeperAccess,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make()
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'DOWNLOAD_MISMATCH') throw thrown
    const event = { type: 'model.refused', model: name, codes: [thrown.code] }
    try {
      await withKeeper((keeper) => recordEvent(keeper, event))
    } catch (failed) {
      terminal.note(`warning: the record does not have the refusal: ${reasonOf(failed)}`)
    }
    throw thrown
  }
}

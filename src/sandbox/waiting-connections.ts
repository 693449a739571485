/**
 * Connections that wait on a listening socket which nobody accepts from.
 *
 * Node cannot look at a listener without accepting, so the kernel is asked directly. Both calls
 * return at once.
 *
 * @packageDocumentation
 */
import { closeSync } from 'node:fs'
import { acceptConnection, mustSucceed, pollDescriptors } from './system.ts'

/** poll.h */
const POLLIN = 1
const POLLFD_BYTES = 8
const SOCK_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000
const MAX_DROPPED = 1024

/** @returns Those of the listening descriptors on which somebody waits. */
export function descriptorsWaitedOn(descriptors: readonly number[]): number[] {
  if (descriptors.length === 0) return []
  // struct pollfd { int fd; short events; short revents; }
  const table = Buffer.alloc(POLLFD_BYTES * descriptors.length)
  descriptors.forEach((descriptor, at) => {
    table.writeInt32LE(descriptor, POLLFD_BYTES * at)
    table.writeInt16LE(POLLIN, POLLFD_BYTES * at + 4)
  })
  mustSucceed('poll', pollDescriptors(table, descriptors.length, 0))
  return descriptors.filter((_, at) => (table.readInt16LE(POLLFD_BYTES * at + 6) & POLLIN) !== 0)
}

/**
 * Ends the connections that wait, without a word: whoever dialled sees that it is not served now.
 *
 * @returns How many there were.
 */
export function dropWaiting(descriptor: number): number {
  let dropped = 0
  while (dropped < MAX_DROPPED && descriptorsWaitedOn([descriptor]).length > 0) {
    const connection = acceptConnection(descriptor, null, null, SOCK_NONBLOCK_CLOEXEC)
    // It may have hung up in between.
    if (connection < 0) break
    closeSync(connection)
    dropped++
  }
  return dropped
}

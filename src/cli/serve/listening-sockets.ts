/**
 * Listening sockets that outlive the processes they are for.
 *
 * The supervisor binds and listens, and hands a copy of the descriptor to each process it starts:
 * connections made while a process is being restarted wait in the kernel instead of being refused.
 * The supervisor itself must never accept one, so Node's own server is closed in the same turn of
 * the event loop in which it began to listen, and a duplicate of its descriptor stays.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type ListenOptions, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { Fault, reasonOf } from '../../errors.ts'
import { controlDescriptor, mustSucceed } from '../../sandbox/system.ts'

/** F_DUPFD_CLOEXEC of linux/fcntl.h: a duplicate that children get only when we pass it. */
const DUPLICATE_CLOSE_ON_EXEC = 1030
const FIRST_DESCRIPTOR = 3
const BACKLOG = 511
/** `sun_path` holds 108 bytes with its end. */
const MAX_PATH_BYTES = 107
const SOCKET_MODE = 0o600

export interface ListeningSocket {
  readonly name: string
  readonly descriptor: number
  readonly close: () => void
}

/** @throws Fault `LISTEN_REFUSED` */
export async function listenOnPort(
  name: string,
  address: { readonly host: string; readonly port: number },
): Promise<ListeningSocket & { readonly port: number }> {
  const { descriptor, port } = await listenOnce(
    { ...address, backlog: BACKLOG },
    `${address.host}:${address.port}`,
  )
  return {
    name,
    descriptor,
    port,
    close: () => {
      closeSync(descriptor)
    },
  }
}

/**
 * A Unix socket for its owner only (0600). A socket file that nobody answers on is replaced.
 *
 * @throws Fault `LISTEN_REFUSED` when somebody answers there, or something else lies there.
 */
export async function listenOnPath(name: string, path: string): Promise<ListeningSocket> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    const bytes = Buffer.byteLength(path)
    throw new Fault(
      'LISTEN_REFUSED',
      `a socket path has at most ${MAX_PATH_BYTES} bytes, ${path} has ${bytes}`,
    )
  }
  await checkFree(path)
  // Closing Node's server removes the file it made, so that file gets another name at once; the
  // rename also takes a stale socket's place, and the mode is right before the name is.
  const made = join(dirname(path), `.${randomBytes(3).toString('hex')}`)
  const { descriptor } = await listenOnce({ path: made, backlog: BACKLOG }, path, () => {
    chmodSync(made, SOCKET_MODE)
    renameSync(made, path)
  })
  return {
    name,
    descriptor,
    close: () => {
      closeSync(descriptor)
      rmSync(path, { force: true })
    },
  }
}

async function checkFree(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new Fault('LISTEN_REFUSED', `${path} is not a socket`)
  if (await answers(path)) throw new Fault('LISTEN_REFUSED', `another program listens on ${path}`)
}

/**
 * Whether something accepts connections on this Unix socket: on the keeper's, a daemon runs, or a
 * command that has a keeper of its own.
 */
export function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.once('connect', () => {
    resolve(true)
    socket.destroy()
  })
  socket.once('error', () => {
    resolve(false)
  })
  return promise
}

async function listenOnce(
  options: ListenOptions,
  where: string,
  whenBound: () => void = () => undefined,
): Promise<{ descriptor: number; port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ descriptor: number; port: number }>()
  const server = createServer()
  server.once('error', (cause) => {
    reject(new Fault('LISTEN_REFUSED', `cannot listen on ${where}: ${reasonOf(cause)}`, { cause }))
  })
  server.listen(options, () => {
    try {
      whenBound()
      resolve({ descriptor: duplicate(server), port: portOf(server) })
    } catch (thrown) {
      reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
    } finally {
      server.close()
    }
  })
  return promise
}

function duplicate(server: Server): number {
  // Node shows the descriptor of a server only here; there is no public way.
  const handle: unknown = Reflect.get(server, '_handle')
  const descriptor: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  if (typeof descriptor !== 'number' || descriptor < 0) {
    throw new Error('this Node does not show the descriptor of a server')
  }
  return mustSucceed(
    'fcntl',
    controlDescriptor(descriptor, DUPLICATE_CLOSE_ON_EXEC, FIRST_DESCRIPTOR),
  )
}

function portOf(server: Server): number {
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

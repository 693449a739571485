/**
 * Where the API listens: `HOST:PORT` on loopback, or `unix:/PATH`.
 *
 * @packageDocumentation
 */
import { isIPv4 } from 'node:net'
import { Fault } from '../errors.ts'

export type Listen =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** sun_path of unix(7) holds 108 bytes; our own sockets need a few for their names. */
const MAX_SOCKET_PATH_BYTES = 100
const MAX_PORT = 65_535

/** @throws Fault `CONFIG_INVALID` */
export function parseListen(text: string): Listen {
  const problem = listenProblem(text)
  if (problem !== undefined) throw new Fault('CONFIG_INVALID', `gateway.listen: ${problem}`)
  if (text.startsWith('unix:')) return { kind: 'unix', path: text.slice('unix:'.length) }
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon)
  return {
    kind: 'tcp',
    host: host === '[::1]' ? '::1' : host,
    port: Number(text.slice(colon + 1)),
  }
}

/** What is wrong with it, in words; undefined when nothing is. */
export function listenProblem(text: string): string | undefined {
  return text.startsWith('unix:') ? socketProblem(text.slice('unix:'.length)) : addressProblem(text)
}

function socketProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'the path of a Unix socket starts with /'
  if (path.includes('\0')) return 'the path of a Unix socket has no zero byte'
  const bytes = Buffer.byteLength(path)
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined
  return `the path of a Unix socket has at most ${MAX_SOCKET_PATH_BYTES} bytes, this one ${bytes}`
}

function addressProblem(text: string): string | undefined {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+):(\d{1,5})$/i.exec(text)
  const [, host, port] = match ?? []
  if (host === undefined || port === undefined) return 'expected HOST:PORT or unix:/PATH'
  if (Number(port) > MAX_PORT) return `port ${port} is above ${MAX_PORT}`
  if (host === 'localhost' || host === '[::1]') return undefined
  if (isIPv4(host) && host.startsWith('127.')) return undefined
  return `${host} is not a loopback address; the API has no TLS yet, so it stays on 127.0.0.1, ::1 or a Unix socket`
}

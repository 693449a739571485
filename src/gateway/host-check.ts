/**
 * May this request speak to us at all? Decided from four headers, before anything else is looked at.
 *
 * What it gives: a page that rebinds its own name to 127.0.0.1 still says its own name in `Host`,
 * and a page that posts across origins says so in `Origin`. Both are refused. What it does not give:
 * any knowledge of who calls; a program can send what headers it likes, and needs a key all the same.
 *
 * @packageDocumentation
 */
import { ClientMistake } from './api-error.ts'

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']

export interface OwnAddress {
  /** The TCP port we listen on; null on a Unix socket, where any port in `Host` is as good. */
  readonly port: number | null
  /** Values of `Host` that are allowed besides the local ones, compared whole. */
  readonly allowedHosts: readonly string[]
  /** Values of `Origin` that are allowed besides our own. */
  readonly allowedOrigins: readonly string[]
}

export interface AddressedRequest {
  readonly url: string
  /** Every `Host` header, as sent. */
  readonly hosts: readonly string[]
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
}

/** @returns why the request is refused, or undefined. */
export function refuseAddress(
  request: AddressedRequest,
  own: OwnAddress,
): ClientMistake | undefined {
  const [host, ...more] = request.hosts
  if (host === undefined || more.length > 0) {
    return new ClientMistake('host_missing', 'the request must have exactly one Host header')
  }
  // An absolute target (`GET http://other/`) names a second host, and routers look past it.
  if (!request.url.startsWith('/')) {
    return new ClientMistake('invalid_url', 'the request target must be a path')
  }
  if (!isOwnHost(host, own)) {
    return new ClientMistake('host_not_allowed', 'this Host is not allowed (gateway.allowedHosts)')
  }
  return refuseOrigin(request, own)
}

function refuseOrigin(request: AddressedRequest, own: OwnAddress): ClientMistake | undefined {
  const { origin, fetchSite } = request
  const refusal = new ClientMistake(
    'origin_not_allowed',
    'pages of this Origin may not use this server (gateway.allowedOrigins)',
  )
  if (origin !== undefined) return isOwnOrigin(origin, own) ? undefined : refusal
  // Browsers send no Origin with a plain GET of an image or a script, but they say where it is from.
  return fetchSite === 'cross-site' || fetchSite === 'same-site' ? refusal : undefined
}

function isOwnHost(host: string, own: OwnAddress): boolean {
  const said = host.toLowerCase()
  if (own.allowedHosts.some((allowed) => allowed.toLowerCase() === said)) return true
  if (own.port === null) return /^localhost(:\d{1,5})?$/.test(said)
  const withPort = LOCAL_NAMES.map((name) => `${name}:${String(own.port)}`)
  return withPort.includes(said) || (own.port === 80 && LOCAL_NAMES.includes(said))
}

function isOwnOrigin(origin: string, own: OwnAddress): boolean {
  if (own.allowedOrigins.includes(origin)) return true
  return origin.startsWith('http://') && isOwnHost(origin.slice('http://'.length), own)
}

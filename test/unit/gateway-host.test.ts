import { describe, expect, test } from 'vitest'
import { refuseAddress, type OwnAddress } from '../../src/gateway/host-check.ts'

const OWN: OwnAddress = {
  port: 11435,
  allowedHosts: ['llm.example.org', 'box:8080'],
  allowedOrigins: ['app://desktop'],
}

function verdict(over: object, own = OWN): string | undefined {
  const request = {
    url: '/v1/models',
    hosts: ['localhost:11435'],
    origin: undefined,
    fetchSite: undefined,
    ...over,
  }
  return refuseAddress(request, own)?.code
}

describe('hosts', () => {
  test.each([
    'localhost:11435',
    'LOCALHOST:11435',
    '127.0.0.1:11435',
    '[::1]:11435',
    'llm.example.org',
    'Box:8080',
  ])('%s is us', (host) => {
    expect(verdict({ hosts: [host] })).toBeUndefined()
  })

  test.each([
    'localhost',
    'localhost:80',
    'localhost:11436',
    'localhost.:11435',
    'evil.example:11435',
    'localhost.evil.example:11435',
    '127.0.0.1.evil.example:11435',
    '127.0.0.2:11435',
    '2130706433:11435',
    '0.0.0.0:11435',
    '[::ffff:127.0.0.1]:11435',
    'llm.example.org:11435',
    'user@localhost:11435',
    'localhost:11435 ',
    'localhost:11435,evil.example',
    '',
  ])('"%s" is not', (host) => {
    expect(verdict({ hosts: [host] })).toBe('host_not_allowed')
  })

  test('none and two are refused, whatever they say', () => {
    expect(verdict({ hosts: [] })).toBe('host_missing')
    expect(verdict({ hosts: ['localhost:11435', 'localhost:11435'] })).toBe('host_missing')
  })

  test('a target that names another host is refused', () => {
    expect(verdict({ url: 'http://evil.example/v1/models' })).toBe('invalid_url')
    expect(verdict({ url: '*' })).toBe('invalid_url')
  })

  test('on port 80 browsers leave the port out', () => {
    expect(verdict({ hosts: ['localhost'] }, { ...OWN, port: 80 })).toBeUndefined()
  })

  test.each([
    ['localhost', undefined],
    ['localhost:1', undefined],
    ['127.0.0.1', 'host_not_allowed'],
    ['localhost:1:2', 'host_not_allowed'],
    ['evil.example', 'host_not_allowed'],
  ])('on a Unix socket %s gives %s', (host, code) => {
    expect(verdict({ hosts: [host] }, { ...OWN, port: null })).toBe(code)
  })
})

describe('origins', () => {
  test.each(['http://localhost:11435', 'http://127.0.0.1:11435', 'app://desktop'])(
    '%s may',
    (origin) => {
      expect(verdict({ origin })).toBeUndefined()
    },
  )

  test.each([
    'null',
    '',
    'https://evil.example',
    'http://localhost:3000',
    'http://localhost',
    'https://localhost:11435',
    'http://localhost:11435.evil.example',
    'app://desktop.evil',
    'file://',
  ])('"%s" may not', (origin) => {
    expect(verdict({ origin })).toBe('origin_not_allowed')
  })

  test.each(['cross-site', 'same-site'])('a %s load without an Origin may not', (fetchSite) => {
    expect(verdict({ fetchSite })).toBe('origin_not_allowed')
    expect(verdict({ fetchSite, origin: 'app://desktop' })).toBeUndefined()
  })

  test.each(['same-origin', 'none'])('a %s load may', (fetchSite) => {
    expect(verdict({ fetchSite })).toBeUndefined()
  })
})

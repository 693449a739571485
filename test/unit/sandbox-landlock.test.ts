import { describe, expect, test } from 'vitest'
import {
  encodePathRule,
  FILE_RIGHTS,
  gapsOf,
  grantMask,
  GRANTS,
  planRuleset,
  type Grant,
} from '../../src/sandbox/landlock.ts'
import { RULES, rulesFor, type Places } from '../../src/sandbox/landlock-rules.ts'

const ABIS = [1, 2, 3, 4, 5, 6, 7, 8, 9]

test.each([
  [1, 8, 0x1fff],
  [2, 8, 0x3fff],
  [3, 8, 0x7fff],
  [4, 16, 0x7fff],
  [5, 16, 0xffff],
  [6, 24, 0xffff],
  [7, 24, 0xffff],
  [8, 24, 0xffff],
  [9, 24, 0x1_ffff],
])('ABI %i: an attribute of %i bytes, rights %i', (abi, bytes, rights) => {
  const { attribute, handledFileRights } = planRuleset(abi)
  expect(attribute).toHaveLength(bytes)
  expect(handledFileRights).toBe(BigInt(rights))
  expect(attribute.readBigUInt64LE(0)).toBe(BigInt(rights))
  // All TCP, and both scopes, where the kernel knows them.
  if (abi >= 4) expect(attribute.readBigUInt64LE(8)).toBe(3n)
  if (abi >= 6) expect(attribute.readBigUInt64LE(16)).toBe(3n)
})

test('refusals of the program that is executed are logged, where a kernel can', () => {
  expect(ABIS.map((abi) => planRuleset(abi).restrictFlags)).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 2])
})

test('no grant names a right that the ruleset does not handle: the kernel would refuse it', () => {
  for (const abi of ABIS) {
    const { handledFileRights } = planRuleset(abi)
    for (const grant of Object.keys(GRANTS) as Grant[]) {
      expect(grantMask(grant, abi, 'folder') & ~handledFileRights).toBe(0n)
    }
  }
})

test('on a file, no right of folders', () => {
  expect(grantMask('write', 7, 'file')).toBe(0b100_0000_0000_0110n)
  expect(grantMask('read', 7, 'file')).toBe(1n << FILE_RIGHTS.readFile.bit)
  expect(grantMask('connect', 7, 'file')).toBe(0n)
  expect(grantMask('connect', 9, 'file')).toBe(1n << 16n)
})

test('nobody may rename out of a folder, make links, devices or sockets', () => {
  const never = ['refer', 'makeSymlink', 'makeSocket', 'makeFifo', 'makeBlockDevice'] as const
  for (const rights of Object.values(GRANTS)) {
    for (const right of never) expect(rights).not.toContain(right)
  }
})

test('a path rule is twelve bytes, packed', () => {
  expect(encodePathRule(0x1_000f_0003n, 7).toString('hex')).toBe('03000f000100000007000000')
})

test('what an old kernel lacks is said', () => {
  expect(gapsOf(2)).toEqual(['truncating', 'TCP', 'device ioctls', 'abstract sockets and signals'])
  expect(gapsOf(6)).toEqual([])
})

describe('the table of rules', () => {
  const places: Places = {
    node: ['/opt/node'],
    loader: ['/lib64/ld.so'],
    app: ['/app/dist', '/app/node_modules'],
    state: ['/state'],
    run: ['/state/run'],
    model: ['/state/models/mine'],
    config: ['/state/config.json'],
    bus: [],
  }
  const paths = (role: 'gateway' | 'engine' | 'keeper', grant: Grant) =>
    rulesFor(role, places)
      .filter((rule) => rule.grant === grant)
      .map((rule) => rule.path)

  test('only the keeper writes, and only in these', () => {
    expect(paths('gateway', 'write')).toEqual([])
    expect(paths('engine', 'write')).toEqual([])
    expect(paths('keeper', 'write')).toEqual([
      '/state/audit',
      '/state/keys',
      '/state/models',
      '/state/models/mine',
    ])
  })

  test('nothing is executed but Node and its loader', () => {
    for (const role of ['gateway', 'engine', 'keeper'] as const) {
      expect(paths(role, 'execute')).toEqual(['/opt/node', '/lib64/ld.so'])
      expect(paths(role, 'device')).toEqual(['/dev/null'])
    }
  })

  test('of the state folder, gateway reads the clients, the engine its model', () => {
    const ofState = (role: 'gateway' | 'engine') =>
      paths(role, 'read').filter((path) => path.startsWith('/state'))
    expect(ofState('gateway')).toEqual(['/state/config.json', '/state/clients', '/state/guard'])
    expect(ofState('engine')).toEqual(['/state/config.json', '/state/models/mine'])
  })

  test('every row has a reason, and no row opens a root', () => {
    for (const { path, reason } of RULES) {
      expect(reason.length).toBeGreaterThan(10)
      expect([
        '/',
        '/proc',
        '/etc',
        '/home',
        '/tmp',
        '/usr',
        '/dev',
        '/sys',
        '{state}',
      ]).not.toContain(path)
    }
  })
})

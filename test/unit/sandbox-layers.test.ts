import { describe, expect, test } from 'vitest'
import { LAYERS, missingLayers, requirementOf } from '../../src/sandbox/layers.ts'
import { judge, type Observations } from '../../src/sandbox/probe.ts'

const STATUS = `Name:\tnode
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1
`

const GOOD: Observations = {
  status: STATUS,
  landlock: 'abi:7',
  rootFolderRefused: true,
  unshareRefused: true,
  mdwe: 1,
  apparmor: 'secure-llm-engine (enforce)',
}

const stateOf = (layer: string, change: Partial<Observations>) =>
  judge({ ...GOOD, ...change }, 'engine', {}).find((found) => found.layer === layer)?.state

test('all there', () => {
  expect(judge(GOOD, 'engine', {}).map(({ state }) => state)).toEqual(Array(6).fill('enforced'))
})

test.each([
  ['no-new-privs', { status: STATUS.replace('NoNewPrivs:\t1', 'NoNewPrivs:\t0') }, 'absent'],
  ['no-new-privs', { status: '' }, 'absent'],
  ['capabilities', { status: '' }, 'absent'],
  ['capabilities', { status: STATUS.replace(/(CapPrm:\t).*/, '$10000000000004000') }, 'enforced'],
  ['capabilities', { status: STATUS.replace(/(CapPrm:\t).*/, '$1000001ffffffffff') }, 'absent'],
  ['capabilities', { status: STATUS.replace(/(CapEff:\t).*/, '$10000000000080000') }, 'absent'],
  ['landlock', { landlock: undefined }, 'absent'],
  ['landlock', { landlock: 'absent:not here' }, 'absent'],
  ['landlock', { landlock: 'abi:0' }, 'absent'],
  ['landlock', { landlock: 'abi:seven' }, 'absent'],
  ['landlock', { rootFolderRefused: false }, 'absent'],
  ['landlock', { landlock: 'abi:2' }, 'partly'],
  ['seccomp', { status: STATUS.replace('Seccomp:\t2', 'Seccomp:\t0') }, 'absent'],
  ['seccomp', { unshareRefused: false }, 'absent'],
  ['write-xor-execute', { mdwe: 0 }, 'absent'],
  ['write-xor-execute', { mdwe: -22 }, 'absent'],
  ['apparmor', { apparmor: 'secure-llm-engine (complain)' }, 'partly'],
  ['apparmor', { apparmor: 'unconfined' }, 'absent'],
  ['apparmor', { apparmor: undefined }, 'absent'],
])('%s seen as %j is %3$s', (layer, change, state) => {
  expect(stateOf(layer, change)).toBe(state)
})

test('details fit the wire', () => {
  const long = 'x'.repeat(5000)
  for (const change of [{ landlock: `absent:${long}` }, { apparmor: `${long} (enforce)` }]) {
    for (const { detail } of judge({ ...GOOD, ...change }, 'engine', {})) {
      expect(detail.length).toBeLessThanOrEqual(300)
    }
  }
})

describe('what is asked', () => {
  test('a setting overrides the table, where there is one', () => {
    expect(requirementOf('landlock', 'engine', {})).toBe('preferred')
    expect(requirementOf('landlock', 'engine', { landlock: 'required' })).toBe('required')
    expect(requirementOf('seccomp-final', 'engine', { seccomp: 'off' })).toBe('off')
    expect(requirementOf('no-new-privs', 'engine', { seccomp: 'off' })).toBe('required')
    expect(requirementOf('write-xor-execute', 'gateway', {})).toBe('off')
  })

  test('a layer that is off is not judged', () => {
    const names = judge(GOOD, 'gateway', { landlock: 'off' }).map(({ layer }) => layer)
    expect(names).not.toContain('landlock')
    expect(names).not.toContain('write-xor-execute')
  })

  test('only absent and required is missing', () => {
    const states = judge({ ...GOOD, landlock: undefined, apparmor: undefined }, 'engine', {})
    expect(missingLayers(states, 'engine', {})).toEqual([])
    expect(missingLayers(states, 'engine', { landlock: 'required' })).toMatchObject([
      { layer: 'landlock' },
    ])
    const partly = judge({ ...GOOD, landlock: 'abi:2' }, 'engine', {})
    expect(missingLayers(partly, 'engine', { landlock: 'required' })).toEqual([])
  })

  test('each row has a reason', () => {
    for (const { reason } of Object.values(LAYERS)) expect(reason.length).toBeGreaterThan(20)
  })
})

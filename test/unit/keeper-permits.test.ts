import { describe, expect, test } from 'vitest'
import {
  FRAME_PERMITS,
  judgeEvent,
  judgeFrame,
  judgePeer,
  parseSocketName,
  SOCKET_PERMITS,
  type SocketKind,
  type SocketName,
} from '../../src/keeper/permits.ts'
import { RefusalBudget } from '../../src/wire/refusal-budget.ts'
import { FRAMES, type FrameName } from '../../src/wire/frames.ts'

const SOCKETS: Record<SocketKind, SocketName> = {
  gateway: { kind: 'gateway', model: null },
  engine: { kind: 'engine', model: 'tiny' },
  cli: { kind: 'cli', model: null },
}
const KINDS = Object.keys(SOCKETS) as SocketKind[]
const NAMES = Object.keys(FRAMES) as FrameName[]
type KeeperFrame = Parameters<typeof judgeFrame>[1]

describe('the table', () => {
  test('has a row with a reason for each frame to the keeper, and none besides', () => {
    for (const kind of KINDS) {
      const toKeeper = NAMES.filter(
        (name) => FRAMES[name].from === kind && FRAMES[name].to === 'keeper',
      )
      expect(Object.keys(FRAME_PERMITS[kind]).sort()).toEqual(toKeeper.sort())
      for (const { reason } of Object.values(FRAME_PERMITS[kind])) expect(reason).not.toBe('')
      expect(SOCKET_PERMITS[kind].reason).not.toBe('')
    }
  })

  test('every pair of socket and frame that is not in it is refused', () => {
    for (const kind of KINDS) {
      for (const name of NAMES) {
        const isListed = name in FRAME_PERMITS[kind]
        const rule = judgeFrame(SOCKETS[kind], name as KeeperFrame, { said: 0, waiting: 0 })
        expect(rule, `${kind} says ${name}`).toBe(isListed ? null : 'malformed-frame')
      }
    }
  })
})

test.each<[SocketKind, KeeperFrame, { said: number; waiting: number }, string | null]>([
  ['engine', 'key.request', { said: 0, waiting: 0 }, null],
  ['engine', 'key.request', { said: 1, waiting: 0 }, 'too-many-frames'],
  ['engine', 'engine.event', { said: 63, waiting: 7 }, null],
  ['engine', 'engine.event', { said: 64, waiting: 0 }, 'too-many-frames'],
  ['engine', 'engine.event', { said: 8, waiting: 8 }, 'too-many-at-once'],
  ['gateway', 'audit.append', { said: 1e9, waiting: 8191 }, null],
  ['gateway', 'audit.append', { said: 1e9, waiting: 8192 }, 'too-many-at-once'],
  ['cli', 'store.unlock', { said: 5, waiting: 0 }, 'too-many-frames'],
  ['cli', 'store.unlock', { said: 1, waiting: 1 }, 'too-many-at-once'],
])('%s says %s after %o: %s', (kind, name, tally, rule) => {
  expect(judgeFrame(SOCKETS[kind], name, tally)).toBe(rule)
})

test.each<[SocketKind, KeeperFrame, { type: string; model?: string }, string | null]>([
  ['gateway', 'audit.append', { type: 'request.accepted', model: 'any' }, null],
  ['gateway', 'audit.append', { type: 'engine.lost', model: 'any' }, null],
  ['gateway', 'audit.append', { type: 'wire.refused' }, null],
  ['gateway', 'audit.append', { type: 'wire.refused-not' }, 'event-type'],
  ['gateway', 'audit.append', { type: 'requests.accepted' }, 'event-type'],
  ['gateway', 'audit.append', { type: 'key.granted' }, 'event-type'],
  ['gateway', 'audit.append', { type: 'keeper.started' }, 'event-type'],
  ['gateway', 'audit.append', { type: 'audit.recovered' }, 'event-type'],
  ['gateway', 'audit.append', { type: 'model.added' }, 'event-type'],
  ['engine', 'engine.event', { type: 'engine.loaded', model: 'tiny' }, null],
  ['engine', 'engine.event', { type: 'engine.loaded' }, null],
  ['engine', 'engine.event', { type: 'engine.loaded', model: 'other' }, 'event-model'],
  ['engine', 'engine.event', { type: 'engine.loaded', model: 'tiny:poet' }, null],
  ['engine', 'engine.event', { type: 'engine.loaded', model: 'other:tiny' }, 'event-model'],
  ['engine', 'engine.event', { type: 'request.accepted' }, 'event-type'],
  ['engine', 'engine.event', { type: 'key.granted', model: 'tiny' }, 'event-type'],
  ['engine', 'key.request', { type: 'engine.loaded' }, 'event-type'],
  ['cli', 'cli.event', { type: 'model.added' }, null],
  ['cli', 'cli.event', { type: 'process.died' }, null],
  ['cli', 'cli.event', { type: 'keeper.stopped' }, 'event-type'],
  ['cli', 'cli.event', { type: 'request.accepted' }, 'event-type'],
  ['cli', 'cli.event', { type: 'slot.added' }, 'event-type'],
])('%s in %s: %o: %s', (kind, name, event, rule) => {
  expect(judgeEvent(SOCKETS[kind], name, event)).toBe(rule)
})

test.each<[SocketKind, number, number, string | null]>([
  ['gateway', 1000, 0, null],
  ['gateway', 0, 1, null],
  ['gateway', 1001, 0, 'foreign-uid'],
  ['gateway', 1000, 2, 'too-many-connections'],
  ['engine', 65_534, 0, 'foreign-uid'],
  ['engine', 1000, 17, null],
  ['engine', 1000, 18, 'too-many-connections'],
  ['cli', 1000, 15, null],
  ['cli', 1000, 16, 'too-many-connections'],
])('%s from uid %i with %i connections: %s', (kind, uid, openConnections, rule) => {
  expect(judgePeer(SOCKETS[kind], { uid, openConnections }, 1000)).toBe(rule)
})

test.each([
  ['gateway', SOCKETS.gateway],
  ['engine-tiny', SOCKETS.engine],
  ['engine-', null],
  ['engine-../x', null],
  ['engine-Tiny', null],
  ['Gateway', null],
  ['api', null],
])('socket name %s', (name, socket) => {
  expect(parseSocketName(name)).toEqual(socket)
})

test('refusals: ten at once, then one a second, and none forgotten', () => {
  const budget = new RefusalBudget(0)
  const first = Array.from({ length: 1000 }, () => budget.take(10))
  expect(first.filter((untold) => untold !== null)).toEqual(Array(10).fill(0))
  expect(budget.take(1000)).toBe(990)
  expect(budget.take(1001)).toBe(null)
  expect(budget.take(1999)).toBe(null)
  expect(budget.take(100_000)).toBe(2)
  // Ten again after a rest, never more.
  const later = Array.from({ length: 20 }, () => budget.take(100_000))
  expect(later.filter((untold) => untold !== null)).toHaveLength(9)
  expect(budget.settle()).toBe(11)
  expect(budget.settle()).toBe(0)
})

/** The real keeper killed, and started again on what is left. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  WirePeer,
  type KeeperOptions,
  type KeeperState,
} from '../fixtures/keeper-process.ts'

let state: KeeperState
let running: RunningKeeper[]

beforeEach(async () => {
  running = []
  state = await makeKeeperState(['one', 'two'])
})

afterEach(async () => {
  for (const keeper of running) if (keeper.child.exitCode === null) await keeper.kill()
  state.remove()
})

function start(options: KeeperOptions = {}): Promise<RunningKeeper> {
  const keeper = new RunningKeeper(state, { sets: ['keys.store=file'], ...options })
  running.push(keeper)
  return keeper.ready()
}

const verify = () => verifyLog(createReadStream(join(state.path, 'audit/audit.jsonl')))
const types = () => auditRecords(state).map(({ type }) => type)

test('kill -9 in mid traffic: every acknowledged seq is there, the log verifies', async () => {
  const kept = new Map<number, string>()
  for (let round = 0; round < 3; round++) {
    const keeper = await start()
    const gateway = new WirePeer(state, 'gateway')
    await gateway.hear('keeper.ready')
    const asked = new Map<number, string>()
    for (let id = 1; id <= 2000; id++) {
      const request = `req_${randomBytes(16).toString('hex')}`
      asked.set(id, request)
      gateway.say('audit.append', { id, event: { type: 'request.accepted', request } })
    }
    for (let heard = 0; heard < 300 + 300 * round; heard++) {
      const { id, seq } = await gateway.hear('audit.kept')
      kept.set(seq, asked.get(id)!)
    }
    await keeper.kill()
    await gateway.closed
    for (const frame of gateway.frames) {
      if (frame.name === 'audit.kept') kept.set(frame.body.seq, asked.get(frame.body.id)!)
    }
  }
  await start()
  expect(await verify()).toMatchObject({ ok: true, tornLastLineBytes: 0 })
  const records = auditRecords(state) as { request?: string }[]
  for (const [seq, request] of kept) expect(records[seq]?.request).toBe(request)
  expect(kept.size).toBeGreaterThan(1500)
})

test('a torn last line is cut and recorded; a broken chain keeps the keeper from starting', async () => {
  expect(await (await start()).stop()).toBe(0)
  const path = join(state.path, 'audit/audit.jsonl')
  appendFileSync(path, '{"actor":"gateway","cli')
  expect(await (await start()).stop()).toBe(0)
  expect(types()).toEqual([
    'keeper.started',
    'keeper.stopped',
    'audit.recovered',
    'keeper.started',
    'keeper.stopped',
  ])
  writeFileSync(path, readFileSync(path, 'utf8').replace('keeper.stopped', 'keeper.stopper'))
  const refused = new RunningKeeper(state, { sets: ['keys.store=file'] })
  running.push(refused)
  expect(await refused.ended).toMatchObject({ code: 78 })
  const fatal = JSON.parse(refused.lines.at(-1)!) as Record<string, unknown>
  expect(fatal).toMatchObject({ level: 60, code: 'AUDIT_CHAIN_BROKEN' })
  expect(String(fatal.msg)).toContain('line 2')
})

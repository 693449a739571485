/** Ten thousand malformed and hostile frames to each socket of a real keeper. */
import { randomBytes } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import { createHostileFrames } from '../fixtures/keeper-hostile-frames.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  slotBody,
  WirePeer,
  type KeeperState,
} from '../fixtures/keeper-process.ts'

const FRAMES = 10_000
const FRAMES_AT_ONCE = 3
const SEED = 20_260_101

test('no key, no crash, a bounded record', async () => {
  const state = await makeKeeperState(['one', 'two'])
  const keeper = await new RunningKeeper(state, { sets: ['keys.store=file'] }).ready()
  try {
    const fileKey = randomBytes(32)
    const context = randomBytes(32).toString('hex')
    const cli = new WirePeer(state, 'cli')
    cli.say('slot.add', slotBody(fileKey, state.model('one'), context))
    await cli.hear('slot.added')
    await cli.end()
    const slots = readFileSync(join(state.model('one'), 'slots.json'))

    const sockets = ['gateway', 'cli', 'engine-two']
    const answers = await Promise.all(sockets.map((name, at) => attack(state, name, SEED + at)))
    for (const answer of answers) {
      expect(answer.includes(fileKey)).toBe(false)
      // Even a request with the right context is for another model there.
      expect(answer.includes(context, 0, 'latin1')).toBe(false)
    }
    expect(readFileSync(join(state.model('one'), 'slots.json'))).toEqual(slots)

    // It lives, and serves.
    const engine = new WirePeer(state, 'engine-one').say('key.request', { context })
    expect(Buffer.from(await engine.hear('key.grant'))).toEqual(fileKey)
    expect(await keeper.stop()).toBe(0)
    expect(keeper.lines.filter((line) => line.includes('"level":60'))).toEqual([])
    const verdict = await verifyLog(createReadStream(join(state.path, 'audit/audit.jsonl')))
    expect(verdict).toMatchObject({ ok: true, tornLastLineBytes: 0 })
    expectBounded(state, sockets)
  } finally {
    if (keeper.child.exitCode === null) await keeper.kill()
    state.remove()
  }
})

/** Refusals are recorded one by one at first, then counted: a flood does not fill the disk. */
function expectBounded(state: KeeperState, sockets: readonly string[]): void {
  const refused = auditRecords(state).filter(({ type }) => type === 'wire.refused')
  expect(refused.length).toBeLessThan(sockets.length * 60)
  for (const name of sockets) {
    const own = refused.filter(({ actor }) => actor === name.replace('-', ':'))
    const untold = own.reduce((sum, { counts }) => sum + (counts?.untold ?? 0), 0)
    expect(own.length + untold, name).toBeGreaterThan(FRAMES / 5)
  }
}

/** Three frames a connection: the first that is malformed ends it. @returns All that came back. */
async function attack(state: KeeperState, name: string, seed: number): Promise<Buffer> {
  const frames = createHostileFrames(name === 'engine-two' ? 'engine' : name, seed)
  const answers: Buffer[] = []
  for (let sent = 0; sent < FRAMES; sent += FRAMES_AT_ONCE) {
    const bytes = Buffer.concat(Array.from({ length: FRAMES_AT_ONCE }, () => frames.next()))
    answers.push(await talk(join(state.path, 'run', `keeper-${name}.sock`), bytes))
  }
  return Buffer.concat(answers)
}

function talk(path: string, bytes: Buffer): Promise<Buffer> {
  const heard: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const socket = connect(path)
  // A hostile peer that is neither closed nor answered goes away by itself.
  const timer = setTimeout(() => socket.destroy(), 500)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => heard.push(chunk))
  socket.once('close', () => {
    clearTimeout(timer)
    resolve(Buffer.concat(heard))
  })
  socket.end(bytes)
  return promise
}

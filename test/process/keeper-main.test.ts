/** The real keeper, behind the launcher, attacked and used through its sockets. */
import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import { readSlots } from '../../src/vault/folder-file.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  slotBody,
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

interface Sealed {
  fileKey: Buffer
  context: string
}

async function seal(model: string): Promise<Sealed> {
  const sealed = { fileKey: randomBytes(32), context: randomBytes(32).toString('hex') }
  const cli = new WirePeer(state, 'cli')
  cli.say('slot.add', slotBody(sealed.fileKey, state.model(model), sealed.context))
  await cli.hear('slot.added')
  await cli.end()
  return sealed
}

test('one key, once, to the socket of its model; everything is in the record first', async () => {
  const keeper = await start()
  const one = await seal('one')
  const engine = new WirePeer(state, 'engine-one').say('key.request', { context: one.context })
  expect(Buffer.from(await engine.hear('key.grant'))).toEqual(one.fileKey)
  expect(types()).toEqual(['keeper.started', 'slot.added', 'key.granted'])
  expect(auditRecords(state)[2]).toMatchObject({ model: 'one', actor: 'keeper' })
  engine.say('engine.event', { event: { type: 'engine.loaded', model: 'one' } })
  expect(await engine.hear('engine.event-kept')).toEqual({ seq: 3 })
  expect(auditRecords(state)[3]?.actor).toBe('engine:one')

  // A second request on the same connection ends it.
  engine.say('key.request', { context: one.context })
  await engine.closed
  expect(engine.frames).toEqual([])
  // A restarted engine asks again.
  const again = new WirePeer(state, 'engine-one').say('key.request', { context: one.context })
  expect(Buffer.from(await again.hear('key.grant'))).toEqual(one.fileKey)
  expect(await keeper.stop()).toBe(0)
  expect(auditRecords(state).slice(4)).toMatchObject([
    { type: 'wire.refused', actor: 'engine:one', codes: ['too-many-frames'] },
    { type: 'key.granted' },
    { type: 'keeper.stopped', actor: 'keeper' },
  ])
  expect(await verify()).toMatchObject({ ok: true })
})

test('another model’s engine, another context, a model without slots: no key', async () => {
  await start()
  const one = await seal('one')
  const cases = [
    { socket: 'engine-two', context: one.context, code: 'VAULT_SLOTS_INVALID' },
    { socket: 'engine-one', context: '0'.repeat(64), code: 'VAULT_WRONG_KEY' },
  ]
  for (const { socket, context, code } of cases) {
    const engine = new WirePeer(state, socket).say('key.request', { context })
    expect(await engine.hear('key.refuse')).toMatchObject({ code })
    await engine.end()
  }
  await seal('two')
  const engine = new WirePeer(state, 'engine-two').say('key.request', { context: one.context })
  expect(await engine.hear('key.refuse')).toMatchObject({ code: 'VAULT_WRONG_KEY' })
  const refused = auditRecords(state).filter(({ type }) => type === 'key.refused')
  expect(refused.map(({ model, codes }) => [model, codes])).toEqual([
    ['two', ['VAULT_SLOTS_INVALID']],
    ['one', ['VAULT_WRONG_KEY']],
    ['two', ['VAULT_WRONG_KEY']],
  ])
})

test('two requests in one packet, an event of another model, a gateway’s event: closed', async () => {
  await start()
  const { context } = await seal('one')
  const greedy = new WirePeer(state, 'engine-one')
  greedy.say('key.request', { context }).say('key.request', { context })
  await greedy.closed
  expect(greedy.frames).toEqual([])
  const liar = new WirePeer(state, 'engine-one')
  await liar.say('engine.event', { event: { type: 'engine.loaded', model: 'two' } }).closed
  const forger = new WirePeer(state, 'engine-one')
  await forger.say('engine.event', { event: { type: 'request.accepted' } }).closed
  const gateway = new WirePeer(state, 'gateway')
  await gateway.hear('keeper.ready')
  await gateway.say('audit.append', { id: 1, event: { type: 'keeper.stopped' } }).closed
  const back = new WirePeer(state, 'gateway')
  await back.hear('keeper.ready')
  back.say('audit.append', { id: 7, event: { type: 'request.accepted' } })
  await back.hear('audit.kept')
  await back.say('audit.append', { id: 7, event: { type: 'request.accepted' } }).closed
  await expect
    .poll(() => rules())
    .toEqual([
      ['engine:one', 'too-many-frames'],
      ['engine:one', 'event-model'],
      ['engine:one', 'event-type'],
      ['gateway', 'event-type'],
      ['gateway', 'id-order'],
    ])
})

function rules(): (string | undefined)[][] {
  const refused = auditRecords(state).filter(({ type }) => type === 'wire.refused')
  return refused.map(({ actor, codes }) => [actor, codes?.[0]])
}

test('a slot is added only right under state/models, and replaces no other key', async () => {
  await start()
  const { fileKey, context } = await seal('one')
  symlinkSync('/tmp', state.model('link'))
  const outside = [
    '/tmp',
    `${state.model('one')}/..`,
    join(state.path, 'keys'),
    state.model('link'),
  ]
  for (const folder of outside) {
    const cli = new WirePeer(state, 'cli').say('slot.add', slotBody(fileKey, folder, context))
    await cli.closed
    expect(cli.frames).toEqual([])
  }
  expect(existsSync('/tmp/slots.json')).toBe(false)
  await expect.poll(() => rules()).toEqual(outside.map(() => ['cli', 'folder-outside']))
  const cli = new WirePeer(state, 'cli')
  cli.say('slot.add', slotBody(randomBytes(32), state.model('one'), context))
  expect(await cli.hear('keeper.refuse')).toMatchObject({ code: 'VAULT_WRONG_KEY' })
  cli.say('slot.add', slotBody(fileKey, state.model('three'), context))
  expect(await cli.hear('keeper.refuse')).toMatchObject({ code: 'MODEL_UNKNOWN' })
  cli.say('slot.add', slotBody(fileKey, state.model('one'), context))
  await cli.hear('slot.added')
  expect(readSlots(state.model('one'))).toHaveLength(1)
})

test('the file store warns, is 0600, lasts over restarts, and is refused in production', async () => {
  const keeper = await start()
  const sealed = await seal('one')
  const cli = new WirePeer(state, 'cli').say('keeper.ask', {})
  const { store, warnings, layers, auditHealthy } = await cli.hear('keeper.state')
  expect({ store, auditHealthy }).toEqual({ store: 'file', auditHealthy: true })
  expect(warnings.join()).toContain('Hint')
  expect(layers.length).toBeGreaterThan(3)
  expect(auditRecords(state)[0]).toMatchObject({ seq: 0, type: 'keeper.started', codes: ['file'] })
  expect(auditRecords(state)[0]?.layers).toEqual(layers)
  expect(statSync(join(state.path, 'keys/wrapping.key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(state.path, 'audit/audit.jsonl')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(state.path, 'keys/store.json'), 'utf8')).not.toContain('params')
  await keeper.stop()

  await start({ sets: [] })
  const engine = new WirePeer(state, 'engine-one').say('key.request', { context: sealed.context })
  expect(Buffer.from(await engine.hear('key.grant'))).toEqual(sealed.fileKey)
  await running.at(-1)?.stop()

  const production = new RunningKeeper(state, { sets: ['profile=production'] })
  running.push(production)
  expect(await production.ended).toMatchObject({ code: 78 })
  expect(production.lines.join()).toContain('KEY_STORE_REFUSED')
  expect(auditRecords(state).at(-1)).toMatchObject({
    type: 'keeper.failed',
    codes: ['KEY_STORE_REFUSED'],
  })
})

test('the passphrase store: locked, wrong, opened, opened again after a restart', async () => {
  const sets = ['keys.store=passphrase']
  await start({ sets })
  const fileKey = randomBytes(32)
  const context = randomBytes(32).toString('hex')
  const cli = new WirePeer(state, 'cli')
  cli.say('slot.add', slotBody(fileKey, state.model('one'), context))
  expect(await cli.hear('keeper.refuse')).toMatchObject({ code: 'KEY_STORE_LOCKED' })
  expect(readFileSync(join(state.path, 'audit/audit.jsonl'), 'utf8')).not.toContain('slot.added')
  cli.say('store.unlock', Buffer.from('short'))
  expect(await cli.hear('keeper.refuse')).toMatchObject({ code: 'KEY_STORE_PASSPHRASE' })
  cli.say('store.unlock', Buffer.from('correct horse battery'))
  await cli.hear('store.unlocked')
  cli.say('slot.add', slotBody(fileKey, state.model('one'), context))
  await cli.hear('slot.added')
  await running[0]?.kill()

  await start({ sets })
  const engine = new WirePeer(state, 'engine-one').say('key.request', { context })
  expect(await engine.hear('key.refuse')).toMatchObject({ code: 'KEY_STORE_LOCKED' })
  await engine.end()
  const later = new WirePeer(state, 'cli').say('store.unlock', Buffer.from('correct horse batterz'))
  expect(await later.hear('keeper.refuse')).toMatchObject({ code: 'KEY_STORE_PASSPHRASE' })
  later.say('store.unlock', Buffer.from('correct horse battery'))
  await later.hear('store.unlocked')
  const again = new WirePeer(state, 'engine-one').say('key.request', { context })
  expect(Buffer.from(await again.hear('key.grant'))).toEqual(fileKey)
  for (const file of ['audit/audit.jsonl', 'keys/store.json']) {
    expect(readFileSync(join(state.path, file), 'utf8')).not.toContain('horse')
  }
})

test('a second keeper on the folder is refused, the first goes on', async () => {
  await start()
  const second = new RunningKeeper(state, { sets: ['keys.store=file'] })
  running.push(second)
  expect(await second.ended).toMatchObject({ code: 75 })
  expect(second.lines.join()).toContain('KEEPER_BUSY')
  const gateway = new WirePeer(state, 'gateway')
  expect(await gateway.hear('keeper.ready')).toMatchObject({ auditHealthy: true })
})

test('at most two gateways at a time, and nothing on stdout', async () => {
  const keeper = await start()
  let printed = ''
  keeper.child.stdout?.on('data', (bytes: Buffer) => (printed += bytes.toString()))
  const [a, b] = [new WirePeer(state, 'gateway'), new WirePeer(state, 'gateway')]
  await Promise.all([a.hear('keeper.ready'), b.hear('keeper.ready')])
  const third = new WirePeer(state, 'gateway')
  await third.closed
  expect(third.frames).toEqual([])
  await a.end()
  await sleep(50)
  await new WirePeer(state, 'gateway').hear('keeper.ready')
  expect(rules()).toEqual([['gateway', 'too-many-connections']])
  expect(printed).toBe('')
})

/** The keeper with a real Secret Service: gnome-keyring on a bus of its own. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readSlots } from '../../src/vault/folder-file.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  slotBody,
  WirePeer,
  type KeeperState,
} from '../fixtures/keeper-process.ts'

const NEEDED = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon']

let home: string
let bus: { process: ChildProcess; address: string }
let keyring: ChildProcess
let state: KeeperState

beforeAll(async () => {
  const missing = NEEDED.filter((name) => spawnSync('which', [name]).status !== 0)
  if (missing.length > 0) {
    throw new Error(`this machine has no ${missing.join(', ')}: apt-get install gnome-keyring dbus`)
  }
  home = mkdtempSync(join(tmpdir(), 'keychain-'))
  bus = await startBus()
  keyring = startKeyring(bus.address)
  await waitForSecrets(bus.address)
})

afterAll(() => {
  keyring.kill('SIGKILL')
  bus.process.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

beforeEach(async () => {
  state = await makeKeeperState(['one'])
})
afterEach(() => {
  state.remove()
})

const environment = () => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  XDG_RUNTIME_DIR: home,
})

async function startBus(): Promise<{ process: ChildProcess; address: string }> {
  const process = spawn('dbus-daemon', ['--session', '--nofork', '--print-address=1'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  process.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  while (!text.includes('\n')) await sleep(10)
  return { process, address: text.trim() }
}

/** Unlocked with a password of its own, in an empty home. */
function startKeyring(address: string): ChildProcess {
  const process = spawn(
    'gnome-keyring-daemon',
    ['--foreground', '--unlock', '--components=secrets'],
    {
      env: { ...environment(), DBUS_SESSION_BUS_ADDRESS: address },
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  process.stdin.end('test')
  return process
}

async function waitForSecrets(address: string): Promise<void> {
  const args = [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
  ]
  const question = ['org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']
  for (let tries = 0; tries < 200; tries++) {
    const env = { ...environment(), DBUS_SESSION_BUS_ADDRESS: address }
    const answer = spawnSync('dbus-send', [...args, ...question], { env, encoding: 'utf8' })
    if (answer.stdout.includes('boolean true')) return
    await sleep(50)
  }
  throw new Error('gnome-keyring-daemon does not answer on its bus')
}

const env = () => ({ DBUS_SESSION_BUS_ADDRESS: bus.address })

async function ask(): Promise<{ store: string; warnings: string[] }> {
  const cli = new WirePeer(state, 'cli').say('keeper.ask', {})
  const answer = await cli.hear('keeper.state')
  await cli.end()
  return answer
}

test('auto takes the keychain, seals for it, and opens again after a restart', async () => {
  const fileKey = randomBytes(32)
  const context = randomBytes(32).toString('hex')
  const first = await new RunningKeeper(state, { env: env() }).ready()
  expect(await ask()).toMatchObject({ store: 'keychain', warnings: [] })
  const cli = new WirePeer(state, 'cli')
  cli.say('slot.add', slotBody(fileKey, state.model('one'), context))
  expect(await cli.hear('slot.added')).toMatchObject({ store: 'keychain' })
  expect(readSlots(state.model('one')).map(({ kind }) => kind)).toEqual(['keychain'])
  expect(await first.stop()).toBe(0)
  // Nothing of the key lies in the state folder.
  expect(readdirSync(join(state.path, 'keys'))).toEqual(['store.json'])

  const second = await new RunningKeeper(state, { env: env() }).ready()
  const engine = new WirePeer(state, 'engine-one').say('key.request', { context })
  expect(Buffer.from(await engine.hear('key.grant'))).toEqual(fileKey)
  expect(await second.stop()).toBe(0)

  // The keyring is on its own bus; the kernel's has nothing of ours.
  expect(readFileSync('/proc/keys', 'utf8')).not.toMatch(/secure-llm|wrapping-key/)

  // The desktop is gone: a refusal, and no key file.
  const dead = new RunningKeeper(state, { env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/gone' } })
  expect(await dead.ended).toMatchObject({ code: 78 })
  expect(dead.lines.at(-1)).toContain('KEY_STORE_REFUSED')
  expect(existsSync(join(state.path, 'keys/wrapping.key'))).toBe(false)
  expect(auditRecords(state).at(-1)).toMatchObject({
    type: 'keeper.failed',
    codes: ['KEY_STORE_REFUSED'],
  })
  expect(readFileSync('/proc/keys', 'utf8')).not.toMatch(/secure-llm|wrapping-key/)
})

test('another state folder of the same user shares the key', async () => {
  const keeper = await new RunningKeeper(state, { env: env() }).ready()
  const memory = readFileSync(join(state.path, 'keys/store.json'), 'utf8')
  const [, keyId = 'none'] = /"keyId": "([0-9a-f]{16})"/.exec(memory) ?? []
  expect(await keeper.stop()).toBe(0)
  const other = await makeKeeperState([])
  try {
    const second = await new RunningKeeper(other, { env: env() }).ready()
    const text = readFileSync(join(other.path, 'keys/store.json'), 'utf8')
    expect(text).toContain(keyId)
    expect(await second.stop()).toBe(0)
  } finally {
    other.remove()
  }
})

test('the entry is taken away while a model is sealed for it: no new key', async () => {
  const first = await new RunningKeeper(state, { env: env() }).ready()
  const cli = new WirePeer(state, 'cli')
  cli.say('slot.add', slotBody(randomBytes(32), state.model('one'), 'ab'.repeat(32)))
  await cli.hear('slot.added')
  expect(await first.stop()).toBe(0)
  removeEntry()
  const second = new RunningKeeper(state, { env: env() })
  expect(await second.ended).toMatchObject({ code: 78 })
  expect(second.lines.at(-1)).toContain('KEY_STORE_MISSING')
})

/** As a person would in the desktop's own program. */
function removeEntry(): void {
  const code = `
    import keyring from '@napi-rs/keyring'
    const linux = { store: 'secret-service' }
    const gone = await new keyring.AsyncEntry('secure-llm', 'wrapping-key', { linux }).deleteCredential()
    if (!gone) throw new Error('there was no entry')
  `
  execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...environment(), ...env() },
  })
}

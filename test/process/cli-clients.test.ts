/** Clients added and revoked without a daemon: a keeper for the moment has them in the record. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, readClients, revokeClient } from '../../src/cli/clients-file.ts'
import { makeClient, serializeClients } from '../../src/cli/clients.ts'
import { lockFolder } from '../../src/sandbox/process.ts'
import { testSession, type TestSession } from '../fixtures/cli-session.ts'
import { auditRecords } from '../fixtures/keeper-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-clients-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const LAPTOP = { name: 'laptop', expiresDays: undefined }
const acts = (session: TestSession) =>
  session.diary().filter((line) => !/started|stopped/.test(line))
const names = ({ paths }: TestSession) => readClients(paths.clients).map(({ name }) => name)
const sockets = ({ paths }: TestSession) =>
  readdirSync(paths.run).filter((n) => n.endsWith('.sock'))

/** A client that was there before the record could not be written. */
function withLaptop(session: TestSession): TestSession {
  const { client } = makeClient('laptop', { nowMs: Date.now() })
  writeFileSync(session.paths.clients, serializeClients([client]))
  return session
}

describe('without a daemon', () => {
  test('both acts are in the record, and nothing is left running', async () => {
    const session = testSession(folder)
    const { client, key } = await createClient(session, LAPTOP)
    expect(names(session)).toEqual(['laptop'])
    expect(key).toMatch(/^sk-local-/)
    expect((await revokeClient(session, 'laptop')).id).toBe(client.id)
    expect(names(session)).toEqual([])
    expect(acts(session)).toEqual(['keeper event client.added', 'keeper event client.revoked'])
    expect(session.diary().filter((line) => line === 'keeper stopped')).toHaveLength(2)
    expect(sockets(session)).toEqual([])
    // The next one may lock the state folder.
    expect(lockFolder(session.paths.serveLock)).not.toBeNull()
  })

  test('a locked passphrase store is not opened for it: nobody is asked', async () => {
    const session = testSession(folder, { sets: ['keys.store=passphrase'] })
    await createClient(session, LAPTOP)
    expect(acts(session)).toEqual(['keeper event client.added'])
    expect(session.notes).toEqual([])
  })

  test.each([
    {
      what: 'a record that cannot be written',
      keeper: { record: 'refuse' },
      code: 'AUDIT_UNAVAILABLE',
    },
    {
      what: 'a keeper that ends',
      keeper: { exit: 78, code: 'KEY_STORE_REFUSED' },
      code: 'KEY_STORE_REFUSED',
    },
  ] as const)(
    '$what: no client is added, one is revoked, and both say so',
    async ({ keeper, code }) => {
      const session = withLaptop(testSession(folder, { processes: { keeper } }))
      await expect(createClient(session, { ...LAPTOP, name: 'phone' })).rejects.toMatchObject({
        code,
      })
      expect(names(session)).toEqual(['laptop'])
      await expect(revokeClient(session, 'laptop')).rejects.toMatchObject({
        code: 'ACT_UNRECORDED',
        message: expect.stringMatching(
          new RegExp(`^client laptop \\(c-[0-9a-f]{8}\\) is revoked, but .* \\(${code}\\)$`),
        ) as string,
      })
      expect(names(session)).toEqual([])
      expect(sockets(session)).toEqual([])
    },
  )

  test('what is refused before is not in the record: a name that is taken, one that is unknown', async () => {
    const session = withLaptop(testSession(folder))
    await expect(createClient(session, LAPTOP)).rejects.toMatchObject({ code: 'CLIENT_EXISTS' })
    await expect(revokeClient(session, 'phone')).rejects.toMatchObject({ code: 'CLIENT_UNKNOWN' })
    expect(existsSync(join(folder, 'diary'))).toBe(false)
  })

  test('a client that the disk did not take is in the record as failed', async () => {
    const session = testSession(folder)
    const paths = { ...session.paths, clients: join(folder, 'no such folder/clients.json') }
    await expect(createClient({ ...session, paths }, LAPTOP)).rejects.toThrow('ENOENT')
    expect(acts(session)).toEqual(['keeper event client.added', 'keeper event client.failed'])
  })
})

test('the real command with the real keeper: the record has every act, and no key', () => {
  const state = join(folder, 'state')
  const bin = join(import.meta.dirname, '../../bin/secure-llm.js')
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [bin, ...args, '--state', state, '--set', 'keys.store=file'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH ?? '', HOME: folder },
    })
  const key = run('client', 'add', 'laptop').trim()
  const [{ id } = { id: '' }] = readClients(join(state, 'clients/clients.json'))
  run('client', 'revoke', id)
  mkdirSync(join(state, 'models/old'))
  run('model', 'remove', 'old', '--yes')
  expect(run('audit', 'verify')).toContain('ok')
  const said = auditRecords({ path: state }).filter(({ actor }) => actor === 'cli')
  expect(said.map(({ type, client, model }) => [type, client ?? model])).toEqual([
    ['client.added', id],
    ['client.revoked', id],
    ['model.removed', 'old'],
  ])
  expect(key).toMatch(/^sk-local-/)
  expect(readFileSync(join(state, 'audit/audit.jsonl'), 'utf8')).not.toContain(key.slice(9))
})

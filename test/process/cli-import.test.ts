/** Import and its trial with stand-ins for engine and keeper: what is sealed, what is left behind. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importModel, type ImportOptions } from '../../src/cli/model/import.ts'
import { lockFolder } from '../../src/sandbox/process.ts'
import { readManifest } from '../../src/vault/folder-file.ts'
import { testSession, type TestSession } from '../fixtures/cli-session.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-imp-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const CANARY = randomBytes(32)
const OPTIONS: ImportOptions = {
  name: 'mine',
  version: '1',
  licence: 'unknown',
  source: 'import',
  templateSha256: null,
  sha256: undefined,
  trialMs: 20_000,
  base: undefined,
  expectedBytes: 0,
}

/** 300,000 bytes with a canary every 1,000, in uneven pieces as a pipe gives them. */
function* pieces(): Generator<Buffer> {
  const all = Buffer.alloc(300_000, 'x')
  for (let at = 0; at < all.length; at += 1000) CANARY.copy(all, at)
  for (let at = 0; at < all.length; at += 65_521) yield Buffer.from(all.subarray(at, at + 65_521))
}
const WHOLE = Buffer.concat([...pieces()])
const WHOLE_HASH = createHash('sha256').update(WHOLE).digest('hex')

async function* pipe(): AsyncGenerator<Buffer> {
  yield* pieces()
}

const store = (session: TestSession) => readdirSync(session.paths.models)

/** Every file below the folder, with its bytes. */
function everyFile(): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
}

describe('model import', () => {
  test('a pipe is sealed, tried with its key, recorded, and never written in plain', async () => {
    const session = testSession(folder)
    const { manifest } = await importModel(session, pipe(), OPTIONS)
    expect(manifest).toMatchObject({ bytes: WHOLE.length, sha256: WHOLE_HASH })
    expect(readManifest(session.paths.model('mine')).manifest).toEqual(manifest)
    expect(readdirSync(session.paths.model('mine')).sort()).toEqual([
      'manifest.json',
      'model.gguf.sealed',
      'slots.json',
    ])
    expect(store(session)).toEqual(['mine'])
    expect(session.diary()).toContain('engine trial ok')
    expect(session.diary()).toContain('keeper event model.added')
    const files = everyFile()
    expect(files.length).toBeGreaterThan(3)
    for (const { name, bytes } of files) {
      expect(bytes.includes(CANARY.subarray(0, 16)), name).toBe(false)
    }
    expect(WHOLE.includes(CANARY)).toBe(true)
  })

  test('the buffers that brought the plain bytes are zeros afterwards', async () => {
    const seen: Buffer[] = []
    async function* watched() {
      for (const piece of pieces()) {
        seen.push(piece)
        yield piece
      }
    }
    await importModel(testSession(folder), watched(), OPTIONS)
    expect(seen.length).toBeGreaterThan(4)
    for (const piece of seen) expect(piece.every((byte) => byte === 0)).toBe(true)
  })

  test.each([
    { trial: 'refuse', says: 'ENGINE_MODEL_INVALID' },
    { trial: 'abort', says: 'SIGABRT' },
    { trial: 'hang', says: 'not loaded in 1 s' },
  ] as const)(
    'a model that makes the engine $trial is refused and gone',
    async ({ trial, says }) => {
      const session = testSession(folder, { processes: { engine: { trial } } })
      const importing = importModel(session, pipe(), {
        ...OPTIONS,
        trialMs: trial === 'hang' ? 1000 : 20_000,
      })
      await expect(importing).rejects.toMatchObject({
        code: 'MODEL_REFUSED',
        message: expect.stringContaining(says) as string,
      })
      expect(store(session)).toEqual([])
      expect(session.diary()).toContain('keeper event model.refused')
      expect(readdirSync(session.paths.run).filter((name) => name.endsWith('.sock'))).toEqual([])
    },
  )

  test.each([
    { trial: 'again', what: 'its key twice', keys: 1 },
    { trial: 'other', what: 'the key of another model', keys: 0 },
  ] as const)('an engine on trial that asks for $what gets $keys', async ({ trial, keys }) => {
    const session = testSession(folder, { processes: { engine: { trial } } })
    await expect(importModel(session, pipe(), OPTIONS)).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
    })
    expect(session.diary()).toContain(`engine got ${keys} keys`)
  })

  test('a hash that differs from the one given: nothing is kept, no engine is started, recorded', async () => {
    const session = testSession(folder)
    const sha256 = 'a'.repeat(64)
    await expect(importModel(session, pipe(), { ...OPTIONS, sha256 })).rejects.toMatchObject({
      code: 'DOWNLOAD_MISMATCH',
    })
    expect(store(session)).toEqual([])
    expect(session.diary()).toContain('keeper event model.refused')
    expect(session.diary().filter((line) => line.startsWith('engine'))).toEqual([])
  })

  test('Ctrl-C in the middle of the pipe leaves nothing', async () => {
    const session = testSession(folder)
    async function* interrupted() {
      for (const [at, piece] of [...pieces()].entries()) {
        if (at === 2) session.interrupt()
        yield piece
      }
    }
    await expect(importModel(session, interrupted(), OPTIONS)).rejects.toMatchObject({
      code: 'CLI_INTERRUPTED',
    })
    expect(store(session)).toEqual([])
  })

  test('a source that breaks leaves nothing', async () => {
    const session = testSession(folder)
    async function* broken() {
      yield Buffer.alloc(100_000)
      throw new Error('the pipe broke')
    }
    await expect(importModel(session, broken(), OPTIONS)).rejects.toThrow('the pipe broke')
    expect(store(session)).toEqual([])
  })

  test('a name is taken once, and what a killed import left is cleared by the next', async () => {
    const session = testSession(folder)
    mkdirSync(join(session.paths.models, '.staging-abc'))
    await importModel(session, pipe(), OPTIONS)
    expect(store(session)).toEqual(['mine'])
    await expect(importModel(session, pipe(), OPTIONS)).rejects.toMatchObject({
      code: 'MODEL_EXISTS',
    })
  })

  test('two commands that change models do not meet', async () => {
    const session = testSession(folder)
    expect(lockFolder(session.paths.modelsLock)).not.toBeNull()
    await expect(importModel(session, pipe(), OPTIONS)).rejects.toMatchObject({
      code: 'STATE_IN_USE',
    })
  })

  test('a keeper that refuses says why', async () => {
    const session = testSession(folder, {
      processes: { keeper: { exit: 78, code: 'KEY_STORE_REFUSED' } },
    })
    await expect(importModel(session, pipe(), OPTIONS)).rejects.toMatchObject({
      code: 'KEY_STORE_REFUSED',
    })
    expect(store(session)).toEqual([])
  })

  test('the passphrase store is opened from the terminal: twice the first time', async () => {
    const sets = ['keys.store=passphrase']
    const session = (passphrases: string[]) => testSession(folder, { sets, passphrases })
    const importing = (used: TestSession, name: string) =>
      importModel(used, pipe(), { ...OPTIONS, name })
    const first = session(['wrong', 'wrong'])
    await expect(importing(first, 'a')).rejects.toMatchObject({ code: 'KEY_STORE_PASSPHRASE' })
    const second = session(['open sesame', 'open sesame'])
    await importing(second, 'a')
    expect(second.notes.filter((line) => line.includes('new passphrase'))).toHaveLength(2)
    const typo = session(['no', 'open sesame'])
    await importing(typo, 'b')
    expect(typo.notes.filter((line) => line === 'passphrase')).toHaveLength(2)
    await expect(importing(session(['1', '2', '3', '4']), 'c')).rejects.toMatchObject({
      code: 'KEY_STORE_PASSPHRASE',
    })
  })
})

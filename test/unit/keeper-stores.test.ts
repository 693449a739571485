import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chooseStore, type StoreQuestion } from '../../src/keeper/stores/choice.ts'
import type { KeychainEntry } from '../../src/keeper/stores/keychain.ts'
import { openKeyStore, type StoreOptions } from '../../src/keeper/stores/open-store-file.ts'
import { parseStoreMemory } from '../../src/keeper/stores/store-file.ts'
import { keyIdOf, serializeSlots, wrapFileKey, type SlotKind } from '../../src/vault/slots.ts'

let statePath: string
beforeEach(() => {
  statePath = mkdtempSync(join(tmpdir(), 'keeper-stores-'))
  for (const folder of ['keys', 'models']) mkdirSync(join(statePath, folder), { mode: 0o700 })
})
afterEach(() => {
  rmSync(statePath, { recursive: true, force: true })
})

const memoryPath = () => join(statePath, 'keys/store.json')
const keyPath = () => join(statePath, 'keys/wrapping.key')

/** A keychain in memory; null for one that does not answer. */
class FakeKeychain implements KeychainEntry {
  held: Uint8Array | null = null
  answers = true
  writes = 0
  async read(): Promise<Uint8Array | null> {
    if (!this.answers) throw new Error('Platform failure: no bus')
    return this.held === null ? null : Uint8Array.from(this.held)
  }
  async write(secret: Uint8Array): Promise<void> {
    if (!this.answers) throw new Error('Platform failure: no bus')
    this.writes++
    this.held = Uint8Array.from(secret)
  }
}

function open(keychain: FakeKeychain, options: Partial<StoreOptions> = {}) {
  const usual = { setting: 'auto', profile: 'development', env: {} } as const
  return openKeyStore({ statePath, ...usual, keychain: () => keychain, ...options })
}

function dead(): FakeKeychain {
  const keychain = new FakeKeychain()
  keychain.answers = false
  return keychain
}

/** A folder as a sealed model leaves it, as far as the stores look at it. */
function sealModel(name: string, kind: SlotKind, key = randomBytes(32)): void {
  const params =
    kind === 'passphrase'
      ? { salt: randomBytes(16).toString('base64'), opsLimit: 1, memLimitBytes: 8192 }
      : {}
  const context = randomBytes(32)
  const created = '2026-01-02T03:04:05Z'
  const about = { kind, keyId: keyIdOf(key), created, context, params }
  const folder = join(statePath, 'models', name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'model.gguf.sealed'), '')
  writeFileSync(
    join(folder, 'slots.json'),
    serializeSlots([wrapFileKey(randomBytes(32), key, about)]),
  )
}

describe('which store', () => {
  const usual: StoreQuestion = {
    setting: 'auto',
    profile: 'development',
    remembered: null,
    sealedFor: new Set(),
  }
  test.each<[string, Partial<StoreQuestion>, string, string | null]>([
    ['a first start', {}, 'keychain', 'file'],
    ['a first start in production', { profile: 'production' }, 'keychain', null],
    ['keychain used before', { remembered: 'keychain' }, 'keychain', null],
    ['file used before', { remembered: 'file' }, 'file', null],
    ['passphrase used before', { remembered: 'passphrase' }, 'passphrase', null],
    [
      'memory lost, sealed for keychain',
      { sealedFor: new Set(['file', 'keychain']) },
      'keychain',
      null,
    ],
    ['memory lost, sealed for file', { sealedFor: new Set(['file']) }, 'file', null],
    ['set to keychain', { setting: 'keychain', remembered: 'file' }, 'keychain', null],
    ['set to passphrase', { setting: 'passphrase' }, 'passphrase', null],
    ['set to file', { setting: 'file', remembered: 'keychain' }, 'file', null],
  ])('%s', (_, question, kind, otherwise) => {
    expect(chooseStore({ ...usual, ...question })).toEqual({ kind, otherwise })
  })

  test.each<[string, Partial<StoreQuestion>]>([
    ['set', { setting: 'file' }],
    ['used before', { remembered: 'file' }],
    ['sealed for it', { sealedFor: new Set(['file']) }],
  ])('never the file store in production: %s', (_, question) => {
    const refused = () => chooseStore({ ...usual, ...question, profile: 'production' })
    expect(refused).toThrow(expect.objectContaining({ code: 'KEY_STORE_REFUSED' }) as Error)
  })
})

describe('auto', () => {
  test('takes the keychain, keeps its key over restarts, and writes no key file', async () => {
    const keychain = new FakeKeychain()
    const first = await open(keychain)
    const second = await open(keychain)
    expect([first.kind, second.kind, keychain.writes]).toEqual(['keychain', 'keychain', 1])
    expect(second.key().keyId).toBe(first.key().keyId)
    expect(first.warnings).toEqual([])
    expect(readdirSync(join(statePath, 'keys'))).toEqual(['store.json'])
  })

  test('without a keychain takes a file, warns, and stays with it when a keychain comes', async () => {
    const first = await open(dead())
    expect(first.kind).toBe('file')
    expect(first.warnings.join()).toContain('Hint')
    const keychain = new FakeKeychain()
    const second = await open(keychain)
    expect(second.kind).toBe('file')
    expect(second.key().keyId).toBe(first.key().keyId)
    expect(keychain.writes).toBe(0)
  })

  test('a keychain that stops answering is a refusal, not a new key in a file', async () => {
    const keychain = new FakeKeychain()
    await open(keychain)
    keychain.answers = false
    await expect(open(keychain)).rejects.toMatchObject({ code: 'KEY_STORE_REFUSED' })
    rmSync(memoryPath())
    sealModel('m', 'keychain')
    await expect(open(keychain)).rejects.toMatchObject({ code: 'KEY_STORE_REFUSED' })
    expect(readdirSync(join(statePath, 'keys'))).toEqual([])
  })

  test('production without a keychain is a refusal', async () => {
    await expect(open(dead(), { profile: 'production' })).rejects.toMatchObject({
      code: 'KEY_STORE_REFUSED',
    })
  })
})

describe('a lost key is never replaced while a model is sealed for it', () => {
  test('keychain', async () => {
    const keychain = new FakeKeychain()
    const key = randomBytes(32)
    keychain.held = Uint8Array.from(key)
    sealModel('m', 'keychain', key)
    expect((await open(keychain)).key().keyId).toBe(keyIdOf(key))
    keychain.held = null
    await expect(open(keychain)).rejects.toMatchObject({ code: 'KEY_STORE_MISSING' })
    expect(keychain.writes).toBe(0)
    // Another key under the same name is not the one either.
    keychain.held = randomBytes(32)
    await expect(open(keychain)).rejects.toMatchObject({ code: 'KEY_STORE_MISSING' })
    rmSync(join(statePath, 'models/m'), { recursive: true })
    expect((await open(keychain)).kind).toBe('keychain')
  })

  test('file', async () => {
    await open(dead())
    rmSync(keyPath())
    sealModel('m', 'file')
    await expect(open(dead())).rejects.toMatchObject({ code: 'KEY_STORE_MISSING' })
  })

  test('passphrase', async () => {
    sealModel('m', 'passphrase')
    const store = await open(dead())
    expect(store.kind).toBe('passphrase')
    const unlocking = store.unlock(Buffer.from('a new passphrase'))
    await expect(unlocking).rejects.toMatchObject({ code: 'KEY_STORE_MISSING' })
  })

  test('slots that cannot be read may be for any store', async () => {
    sealModel('m', 'file')
    writeFileSync(join(statePath, 'models/m/slots.json'), 'x')
    await expect(open(new FakeKeychain())).rejects.toMatchObject({ code: 'KEY_STORE_MISSING' })
  })

  test('folders being made, and folders without sealed bytes, are no models', async () => {
    mkdirSync(join(statePath, 'models/.staging-x'))
    mkdirSync(join(statePath, 'models/empty'))
    writeFileSync(join(statePath, 'models/.staging-x/model.gguf.sealed'), '')
    expect((await open(dead())).kind).toBe('file')
  })
})

describe('the key file', () => {
  test.each([
    {
      name: 'readable by others',
      spoil: () => {
        chmodSync(keyPath(), 0o640)
      },
      code: 'STATE_UNSAFE',
    },
    {
      name: 'empty',
      spoil: () => {
        writeFileSync(keyPath(), '')
      },
      code: 'KEY_STORE_MISSING',
    },
    {
      name: 'too long',
      spoil: () => {
        writeFileSync(keyPath(), Buffer.alloc(33))
      },
      code: 'KEY_STORE_MISSING',
    },
    {
      name: 'a link',
      spoil: () => {
        rmSync(keyPath())
        symlinkSync('/dev/zero', keyPath())
      },
      code: 'STATE_UNSAFE',
    },
  ])('$name: $code', async ({ spoil, code }) => {
    await open(dead())
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600)
    spoil()
    await expect(open(dead())).rejects.toMatchObject({ code })
  })

  test('nothing is left beside it', async () => {
    await open(dead())
    expect(readdirSync(join(statePath, 'keys')).sort()).toEqual(['store.json', 'wrapping.key'])
  })
})

describe('keys/store.json', () => {
  const good = { format: 'secure-llm/key-store/v1', chosen: 'file', stores: {} }
  const entry = { keyId: '0123456789abcdef', created: '2026-01-02T03:04:05.006Z' }
  test.each([
    { name: 'not JSON', text: '{' },
    { name: 'another format', text: JSON.stringify({ ...good, format: 'x' }) },
    { name: 'no such store', text: JSON.stringify({ ...good, chosen: 'tape' }) },
    { name: 'an entry for no store', text: JSON.stringify({ ...good, stores: { tape: entry } }) },
    { name: 'a wrong id', text: JSON.stringify({ ...good, stores: { file: { keyId: 'x' } } }) },
    { name: 'no params', text: JSON.stringify({ ...good, stores: { passphrase: entry } }) },
    {
      name: 'a cost that eats the machine',
      text: JSON.stringify({
        ...good,
        stores: {
          passphrase: {
            ...entry,
            params: { salt: 'A'.repeat(22) + '==', opsLimit: 1, memLimitBytes: 2 ** 40 },
          },
        },
      }),
    },
  ])('refused: $name', ({ text }) => {
    expect(() => parseStoreMemory(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'KEY_STORE_MISSING' }) as Error,
    )
  })

  test('another store chosen by the operator does not make the first one forgotten', async () => {
    await open(dead())
    await open(new FakeKeychain(), { setting: 'keychain' })
    const memory = parseStoreMemory(readFileSync(memoryPath()))
    expect(memory.chosen).toBe('keychain')
    expect(Object.keys(memory.stores).sort()).toEqual(['file', 'keychain'])
  })
})

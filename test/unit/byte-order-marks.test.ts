/** A byte order mark is three bytes like others: no reader of ours drops it without a word. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseClients as parseAsCli } from '../../src/cli/clients.ts'
import { parseClients as parseAsGateway } from '../../src/gateway/clients.ts'
import { parseSlotRequest } from '../../src/keeper/slot-folder-file.ts'
import { parseStoreMemory } from '../../src/keeper/stores/store-file.ts'

const SRC = join(import.meta.dirname, '../../src')
const MARK = Buffer.from([0xef, 0xbb, 0xbf])
const FILE_KEY = Buffer.alloc(32, 7)
const clients = { format: 'secure-llm/clients/v1', clients: [] }
const store = { format: 'secure-llm/key-store/v1', chosen: 'file', stores: {} }
const slot = { folder: '/models/a', context: 'ab'.repeat(32) }

const READERS: readonly [string, object, (json: Uint8Array) => unknown][] = [
  ['clients.json in the gateway', clients, parseAsGateway],
  ['clients.json in the command line', clients, parseAsCli],
  ['keys/store.json', store, parseStoreMemory],
  ['slot.add', slot, (json) => parseSlotRequest(Buffer.concat([FILE_KEY, json]))],
]

describe.each(READERS)('%s', (_what, document, read) => {
  const json = Buffer.from(JSON.stringify(document))

  test('is read without a mark', () => {
    expect(() => read(json)).not.toThrow()
  })

  test('is refused with one', () => {
    expect(() => read(Buffer.concat([MARK, json]))).toThrow('JSON')
  })
})

test('every decoder of ours keeps it', () => {
  const made = globSync('**/*.ts', { cwd: SRC }).flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8')
    return [...text.matchAll(/new TextDecoder\(([^)]*)\)/g)].map(([, options]) => [file, options])
  })
  expect(made.length).toBeGreaterThan(8)
  expect(made.filter(([, options]) => options?.includes('ignoreBOM: true') !== true)).toEqual([])
})

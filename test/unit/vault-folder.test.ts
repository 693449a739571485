/**
 * Model folders on a real disk: what is read and what is refused.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readModelFolder, writeAtomically } from '../../src/vault/folder-file.ts'
import { canonicalManifest, type Manifest, manifestContext } from '../../src/vault/manifest.ts'
import { writePayloadFile } from '../../src/vault/payload-file.ts'
import { sealedLength, sealPayload } from '../../src/vault/payload.ts'
import { keyIdOf, serializeSlots, wrapFileKey } from '../../src/vault/slots.ts'

const plain = randomBytes(20_000)
const fileKey = randomBytes(32)
const wrappingKey = randomBytes(32)
const manifest: Manifest = {
  format: 'secure-llm/sealed-model/v1',
  name: 'tiny',
  version: '1',
  bytes: plain.length,
  sha256: createHash('sha256').update(plain).digest('hex'),
  templateSha256: null,
  source: 'test',
  licence: 'Apache-2.0',
  created: '2026-01-02T03:04:05Z',
}
const context = manifestContext(manifest)
const slot = wrapFileKey(fileKey, wrappingKey, {
  kind: 'file',
  keyId: keyIdOf(wrappingKey),
  created: manifest.created,
  context,
})

let root = ''
let folder = ''

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'vault-folder-'))
  folder = join(root, 'tiny')
  mkdirSync(folder)
  writeAtomically(join(folder, 'manifest.json'), canonicalManifest(manifest), 0o600)
  writeAtomically(join(folder, 'slots.json'), serializeSlots([slot]), 0o600)
  const path = join(folder, 'model.gguf.sealed')
  await writePayloadFile(path, sealPayload([plain], fileKey, context))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

test('a folder that was written is read', () => {
  expect(readModelFolder(folder)).toEqual({
    manifest,
    context,
    slots: [slot],
    payloadPath: join(folder, 'model.gguf.sealed'),
    sealedBytes: sealedLength(plain.length),
  })
  expect(statSync(join(folder, 'slots.json')).mode & 0o777).toBe(0o600)
})

describe('refused', () => {
  const at = (name: string) => join(folder, name)
  const aside = (name: string) => {
    renameSync(at(name), join(root, name))
    return join(root, name)
  }
  const rows: [string, string, () => void][] = []
  for (const [name, code] of [
    ['manifest.json', 'VAULT_MANIFEST_INVALID'],
    ['slots.json', 'VAULT_SLOTS_INVALID'],
    ['model.gguf.sealed', 'VAULT_DAMAGED'],
  ] as const) {
    rows.push(
      [
        `${name} missing`,
        code,
        () => {
          unlinkSync(at(name))
        },
      ],
      [
        `${name} empty`,
        code,
        () => {
          truncateSync(at(name), 0)
        },
      ],
      [
        `${name} a link to the real one`,
        code,
        () => {
          symlinkSync(aside(name), at(name))
        },
      ],
      [
        `${name} a folder`,
        code,
        () => {
          unlinkSync(at(name))
          mkdirSync(at(name))
        },
      ],
      [
        `${name} a named pipe that nobody writes`,
        code,
        () => {
          unlinkSync(at(name))
          execFileSync('mkfifo', [at(name)])
        },
      ],
    )
  }
  rows.push(
    [
      'manifest.json of 65 KiB',
      'VAULT_MANIFEST_INVALID',
      () => {
        appendFileSync(at('manifest.json'), ' '.repeat(66_560))
      },
    ],
    [
      'slots.json of 257 KiB',
      'VAULT_SLOTS_INVALID',
      () => {
        appendFileSync(at('slots.json'), ' '.repeat(263_168))
      },
    ],
    [
      'a payload longer than its manifest',
      'VAULT_DAMAGED',
      () => {
        appendFileSync(at('model.gguf.sealed'), 'x')
      },
    ],
    [
      'a payload shorter than its manifest',
      'VAULT_DAMAGED',
      () => {
        truncateSync(at('model.gguf.sealed'), 16_500)
      },
    ],
    [
      'no folder',
      'VAULT_MANIFEST_INVALID',
      () => {
        rmSync(folder, { recursive: true })
      },
    ],
    [
      'a link to the folder',
      'VAULT_MANIFEST_INVALID',
      () => {
        renameSync(folder, join(root, 'real'))
        symlinkSync(join(root, 'real'), folder)
      },
    ],
  )

  test.each(rows)('%s', (_name, code, spoil) => {
    spoil()
    expect(() => readModelFolder(folder)).toThrow(expect.objectContaining({ code }))
  })

  test('no descriptor is left open by a hundred refusals', () => {
    writeFileSync(at('manifest.json'), 'x')
    appendFileSync(at('model.gguf.sealed'), 'x')
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let i = 0; i < 100; i++) expect(() => readModelFolder(folder)).toThrow()
    writeFileSync(at('manifest.json'), canonicalManifest(manifest))
    for (let i = 0; i < 100; i++) expect(() => readModelFolder(folder)).toThrow()
    expect(count()).toBeLessThan(before + 10)
  })
})

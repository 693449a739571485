/**
 * The direction of imports, as a table. A folder may import itself and what its row names.
 *
 * A line here is a security decision: adding `engine` to gateway's row would put model code in the
 * process that reads the network.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')

/** folder → what it may import of ours, and why. */
const MAY_IMPORT: Record<string, { of: readonly string[]; reason: string }> = {
  'errors.ts': { of: [], reason: 'the words everyone shares' },
  wire: { of: ['errors.ts'], reason: 'where processes meet' },
  vault: { of: ['errors.ts'], reason: 'a format: bytes in, bytes out' },
  audit: { of: ['errors.ts'], reason: 'a format: records in, verdicts out' },
  guard: { of: ['errors.ts'], reason: 'text in, text out' },
  grammar: { of: ['errors.ts'], reason: 'a schema in, a grammar out' },
  gguf: { of: ['errors.ts'], reason: 'a stranger’s header in, numbers and faults out' },
  sandbox: { of: ['errors.ts'], reason: 'system calls, no knowledge of who calls' },
  config: { of: ['errors.ts'], reason: 'settings, read once by each process' },
  gateway: {
    of: ['errors.ts', 'wire', 'guard', 'grammar', 'sandbox', 'config'],
    reason: 'reads the network: can neither unwrap a key nor write the record',
  },
  engine: {
    of: ['errors.ts', 'wire', 'vault', 'gguf', 'sandbox', 'config'],
    reason: 'reads the model: no network code, no record, no client keys',
  },
  keeper: {
    of: ['errors.ts', 'wire', 'vault', 'audit', 'sandbox', 'config'],
    reason: 'holds the keys and the record: never parses a prompt or a model',
  },
  cli: {
    of: ['errors.ts', 'wire', 'vault', 'gguf', 'audit', 'guard', 'sandbox', 'config'],
    reason: 'acts for its user; every library, no process',
  },
}

/** Packages that carry risk, and the only folders that may hold each. */
const ONLY_IN: Record<string, readonly string[]> = {
  'node-llama-cpp': ['engine'],
  '@huggingface/jinja': ['engine'],
  fastify: ['gateway'],
  '@fastify/rate-limit': ['gateway'],
  'fastify-plugin': ['gateway'],
  'prom-client': ['gateway'],
  '@napi-rs/keyring': ['keeper'],
  'sodium-native': ['keeper'],
  koffi: ['sandbox', 'vault'],
  'libphonenumber-js': ['guard'],
  re2js: ['guard'],
  stdnum: ['guard'],
  pino: ['gateway', 'engine', 'keeper', 'cli'],
  zod: ['config', 'wire', 'gateway', 'vault', 'audit', 'cli'],
}

/** Modules of Node that open a way out, and the only folders that may hold each. */
const NODE_ONLY_IN: Record<string, readonly string[]> = {
  'node:child_process': ['cli'],
  'node:http': ['gateway', 'cli'],
  'node:https': ['cli'],
  'node:dgram': [],
  'node:vm': [],
  'node:inspector': [],
}

const folderOf = (path: string) => relative(SRC, path).split('/')[0]!

const files = globSync('**/*.ts', { cwd: SRC })

test.each(files)('%s', (file) => {
  const path = join(SRC, file)
  const folder = folderOf(path)
  const text = readFileSync(path, 'utf8')
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\brequire\(['"]([^'"]+)['"]\)/g),
  ].map((m) => m[1]!)
  const wrong = specifiers.filter((s) => {
    if (!s.startsWith('.')) {
      const name = s
        .split('/')
        .slice(0, s.startsWith('@') ? 2 : 1)
        .join('/')
      const row = NODE_ONLY_IN[s] ?? ONLY_IN[name]
      if (row !== undefined) return !row.includes(folder)
      return !s.startsWith('node:')
    }
    const target = folderOf(join(dirname(path), s))
    return target !== folder && !MAY_IMPORT[folder]?.of.includes(target)
  })
  expect(MAY_IMPORT, 'give the new folder a row').toHaveProperty([folder])
  expect(wrong, `${file} imports across a boundary`).toEqual([])
})

test('a folder with main.ts is a process, and no process imports another', () => {
  const processes = files.filter((f) => f.endsWith('/main.ts')).map((f) => f.split('/')[0]!)
  for (const row of Object.values(MAY_IMPORT)) {
    expect(row.of.filter((name) => processes.includes(name))).toEqual([])
  }
})

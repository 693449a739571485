/**
 * `serve` on a sealed model that somebody changed, on a key store that does not answer, and under a
 * limit of locked memory: it does not start, says which layer and what to do, and the record has it.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EXIT, Fault, type FaultCode } from '../../src/errors.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import {
  makeTinyHome,
  MODEL,
  recordsOf,
  type Ended,
  type TinyHome,
} from '../process/tiny-daemon.ts'

const OTHER = 'other'
/** Salt and commitment; then chunks of 16 KiB with a tag of 16 bytes. */
const HEADER_BYTES = 56
const CHUNK_BYTES = 16_400

let place: TinyHome
let kept: string

beforeAll(async () => {
  place = await makeTinyHome()
  const args = ['model', 'import', '-', '--name', OTHER]
  await place.command(args, Buffer.from(tinyModelBytes({ seed: 2 })))
  kept = join(place.home, 'kept')
  for (const folder of ['models', 'keys'])
    cpSync(join(place.state, folder), join(kept, folder), { recursive: true })
})
afterEach(() => {
  for (const folder of ['models', 'keys']) {
    rmSync(join(place.state, folder), { recursive: true })
    cpSync(join(kept, folder), join(place.state, folder), { recursive: true })
    chmodSync(join(place.state, folder), 0o700)
  }
})
afterAll(() => {
  place.remove()
})

const file = (name: string, model = MODEL) => join(place.state, 'models', model, name)
const PAYLOAD = 'model.gguf.sealed'

function edit(change: (sealed: Buffer) => Buffer): void {
  writeFileSync(file(PAYLOAD), change(readFileSync(file(PAYLOAD))))
}

function swapChunks(sealed: Buffer): Buffer {
  const at = (chunk: number) => HEADER_BYTES + chunk * CHUNK_BYTES
  const [first, second] = [sealed.subarray(at(0), at(1)), sealed.subarray(at(1), at(2))]
  const head = sealed.subarray(0, HEADER_BYTES)
  return Buffer.concat([head, second, first, sealed.subarray(at(2))])
}

function flip(sealed: Buffer, at: number): Buffer {
  sealed[at]! ^= 1
  return sealed
}

interface Row {
  readonly what: string
  readonly spoil: () => void
  readonly code: FaultCode
  /** Who says so in the record. */
  readonly type: 'engine.load-failed' | 'key.refused' | 'keeper.failed'
}

const DAMAGED = { code: 'VAULT_DAMAGED', type: 'engine.load-failed' } as const
const ROWS: readonly Row[] = [
  {
    what: 'a chunk flipped',
    spoil: () => {
      edit((sealed) => flip(sealed, 90_000))
    },
    ...DAMAGED,
  },
  {
    what: 'cut by a byte',
    spoil: () => {
      edit((sealed) => sealed.subarray(0, -1))
    },
    ...DAMAGED,
  },
  {
    what: 'two chunks swapped',
    spoil: () => {
      edit(swapChunks)
    },
    ...DAMAGED,
  },
  {
    what: 'swapped with that of another model',
    spoil: () => {
      copyFileSync(file(PAYLOAD, OTHER), file(PAYLOAD))
    },
    ...{ code: 'VAULT_WRONG_KEY', type: 'engine.load-failed' },
  },
  {
    what: 'with the slots of another model',
    spoil: () => {
      copyFileSync(file('slots.json', OTHER), file('slots.json'))
    },
    ...{ code: 'VAULT_WRONG_KEY', type: 'key.refused' },
  },
  {
    what: 'with all of another model but its name',
    spoil: () => {
      rmSync(join(place.state, 'models', MODEL), { recursive: true })
      renameSync(join(place.state, 'models', OTHER), join(place.state, 'models', MODEL))
    },
    ...{ code: 'VAULT_MANIFEST_INVALID', type: 'engine.load-failed' },
  },
  {
    what: 'with a manifest that was edited',
    spoil: () => {
      const text = readFileSync(file('manifest.json'), 'utf8')
      writeFileSync(file('manifest.json'), text.replace('"version":"1"', '"version":"2"'))
    },
    ...{ code: 'VAULT_WRONG_KEY', type: 'key.refused' },
  },
  {
    what: 'without slots',
    spoil: () => {
      rmSync(file('slots.json'))
    },
    ...{ code: 'VAULT_SLOTS_INVALID', type: 'key.refused' },
  },
  {
    what: 'with another wrapping key',
    spoil: () => {
      writeFileSync(join(place.state, 'keys/wrapping.key'), randomBytes(32))
    },
    ...{ code: 'KEY_STORE_MISSING', type: 'keeper.failed' },
  },
  {
    what: 'with another wrapping key, and the memory of the first removed',
    spoil: () => {
      writeFileSync(join(place.state, 'keys/wrapping.key'), randomBytes(32))
      rmSync(join(place.state, 'keys/store.json'))
    },
    ...{ code: 'KEY_STORE_MISSING', type: 'key.refused' },
  },
  {
    what: 'without any key',
    spoil: () => {
      rmSync(join(place.state, 'keys/wrapping.key'))
    },
    ...{ code: 'KEY_STORE_MISSING', type: 'keeper.failed' },
  },
]

/** One sentence with the code, and the remedy of that code as a hint; nothing was served. */
function expectFault({ code, err }: Ended, fault: FaultCode): void {
  expect(err).not.toContain('ready in')
  expect(err).toContain(`(${fault})`)
  expect(err).toContain(`hint: ${new Fault(fault, '').remedy}`)
  expect(code).toBe(EXIT.permanent)
}

describe('a sealed model', () => {
  test.each(ROWS)('$what: $code', async ({ spoil, code, type }) => {
    const before = recordsOf(place.state).length
    spoil()
    expectFault(await place.serveBriefly(), code)
    const added = recordsOf(place.state).slice(before)
    expect(added.filter((record) => record.type === type).map(({ codes }) => codes)).toEqual([
      [code],
    ])
    expect(added.map((record) => record.type)).not.toContain('engine.loaded')
  })

  test('the control: as it was, it is served, and the record is whole', async () => {
    const daemon = await place.serve()
    expect(await daemon.stop()).toBe(EXIT.ok)
    expect(await place.command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
  })
})

describe('no key store', () => {
  test('keychain asked for by name, no bus: stops, names it, and is in the record', async () => {
    const ended = await place.serveBriefly(['--set', 'keys.store=keychain'])
    expectFault(ended, 'KEY_STORE_REFUSED')
    expect(ended.err).toContain('no keychain answers')
    expect(recordsOf(place.state).at(-1)).toMatchObject({
      type: 'keeper.failed',
      codes: ['KEY_STORE_REFUSED'],
    })
  })

  test('auto: the file store, with a warning and a hint', async () => {
    const daemon = await place.serve()
    await daemon.stop()
    expect(daemon.said.err).toMatch(/"level":40,.*the key of the models lies in a file.*Hint: /)
  })
})

/** As root without CAP_IPC_LOCK, as anybody by the limit alone. */
const LOCK_KIB = 64
const WITHOUT_LOCKING = [
  ...(process.getuid?.() === 0
    ? ['setpriv', '--inh-caps=-ipc_lock', '--bounding-set=-ipc_lock', '--']
    : []),
  ...['prlimit', `--memlock=${LOCK_KIB * 1024}:${LOCK_KIB * 1024}`, '--'],
]

const serveLimited = (policy: 'required' | 'preferred') =>
  place.serveBriefly(['--set', `memory.lock=${policy}`], WITHOUT_LOCKING)

describe(`a limit of ${LOCK_KIB} KiB of locked memory`, () => {
  test('required: stops, and says the layer, both numbers and what to do', async () => {
    const ended = await serveLimited('required')
    expectFault(ended, 'MEMORY_LOCK_LIMIT')
    expect(ended.err).toMatch(/memory-lock: the limit is 65536 bytes, the process has \d{8,};/)
    expect(ended.err).toContain('LimitMEMLOCK=infinity')
  })

  test('preferred: serves, and the record says how far the layer holds', async () => {
    const before = recordsOf(place.state).length
    const ended = await serveLimited('preferred')
    expect(ended.err).toContain('ready in')
    expect(ended.code).toBe(EXIT.ok)
    const loaded = recordsOf(place.state)
      .slice(before)
      .find(({ type }) => type === 'engine.loaded')
    expect(loaded?.layers).toContainEqual(
      expect.objectContaining({ layer: 'memory-lock', state: 'absent' }),
    )
    expect(loaded?.counts?.unlockedBytes).toBeGreaterThan(0)
  })
})

/** 480 broken adapters: our reader refuses or takes each, and llama.cpp survives all that it takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel } from '../../src/engine/llama.ts'
import { Fault } from '../../src/errors.ts'
import { checkFits, readAdapter } from '../../src/gguf/adapter.ts'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { mutatedAdapters, type MutatedAdapter } from '../fixtures/mutated-adapters.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'adapters-'))
const base = join(folder, 'base.gguf')
const header = readModelHeader(bytesSource(tinyModelBytes()))

beforeAll(() => {
  writeFileSync(base, tinyModelBytes())
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The code of a refusal; null for what is taken. */
function refusalOf({ bytes, of, change }: MutatedAdapter): string | null {
  const startMs = performance.now()
  try {
    checkFits(readAdapter(bytesSource(bytes)), header)
    return null
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw new Error(`${of}: ${change}`, { cause: thrown })
  } finally {
    expect(performance.now() - startMs, `${of}: ${change}`).toBeLessThan(1000)
  }
}

/** One token with the adapter, in llama.cpp, in this very process: an abort would end the test run. */
async function decodeWith(path: string): Promise<number> {
  const model = await loadModel(base, { maxThreads: 1, onLog: () => undefined })
  try {
    await model.loadAdapter(path)
    const limits = { contextTokens: 256, slots: 1, batchTokens: 64 }
    const context = await model.createBatchContext(limits)
    const ids = model.vocabulary.tokenize('say something', 'plain')
    const [logits] = await context.decode([{ slot: 0, position: 0, ids, logits: 'last' }])
    return logits?.length ?? 0
  } finally {
    await model.native.dispose()
  }
}

test('480 broken adapters', { timeout: 120_000 }, async () => {
  const adapters = mutatedAdapters()
  expect(adapters).toHaveLength(480)
  const judged = adapters.map((adapter) => ({ adapter, code: refusalOf(adapter) }))
  const codes = new Set(judged.map(({ code }) => code))
  expect(codes).toEqual(new Set([null, 'ADAPTER_INVALID', 'ADAPTER_MISFIT']))
  const taken = judged.filter(({ code }) => code === null).map(({ adapter }) => adapter)
  // Numbers that stay numbers, texts that nobody reads: 83 when this was written.
  expect(taken.length).toBeGreaterThan(50)
  expect(taken.length).toBeLessThan(200)
  expect(taken.filter(({ of }) => of === 'cut')).toEqual([])
  for (const [at, { of, change, bytes }] of taken.entries()) {
    const path = join(folder, `${at}.gguf`)
    writeFileSync(path, bytes)
    expect(await decodeWith(path), `${of}: ${change}`).toBe(1)
  }
})

/** Every one of the 1,292 broken files is read or refused by our own reader, quickly. */
import { expect, test } from 'vitest'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { Fault } from '../../src/errors.ts'
import { MUTATION_CLASSES, mutatedModels, type MutationClass } from '../fixtures/mutated-models.ts'

/** At least so many of each class are refused before llama.cpp sees them. */
const REFUSED: Record<MutationClass, number> = {
  'truncated in header': 150,
  'truncated in tensors': 150,
  'flips in metadata': 277,
  'flips in tensor infos': 145,
  'flips in vocabulary': 94,
  'flips in weights': 0,
  'extreme hyper-parameters': 143,
  'token types and scores': 14,
  'tensor offset, dimensions, type': 137,
}

test('1,292 mutated files', () => {
  const refused = new Map<MutationClass, number>()
  let slowestMs = 0
  let count = 0
  for (const { of, change, bytes } of mutatedModels()) {
    count++
    const start = performance.now()
    try {
      readModelHeader(bytesSource(bytes))
    } catch (thrown) {
      expect(thrown, `${of}: ${change}`).toBeInstanceOf(Fault)
      expect((thrown as Fault).code).toBe('ENGINE_MODEL_INVALID')
      refused.set(of, (refused.get(of) ?? 0) + 1)
    }
    slowestMs = Math.max(slowestMs, performance.now() - start)
  }
  expect(count).toBe(1292)
  expect(slowestMs).toBeLessThan(1000)
  for (const of of Object.keys(MUTATION_CLASSES) as MutationClass[]) {
    expect(refused.get(of) ?? 0, of).toBeGreaterThanOrEqual(REFUSED[of])
  }
})

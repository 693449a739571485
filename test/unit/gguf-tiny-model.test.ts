import { describe, expect, test } from 'vitest'
import { bytesSource, readModelHeader } from '../../src/gguf/model-header.ts'
import { makeCanary, tinyModelBytes } from '../fixtures/tiny-gguf.ts'

const read = (bytes: Uint8Array) => readModelHeader(bytesSource(bytes))

describe('the tiny model', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(tinyModelBytes({ seed: 3 }).equals(tinyModelBytes({ seed: 3 }))).toBe(true)
    expect(tinyModelBytes({ seed: 3 }).equals(tinyModelBytes({ seed: 4 }))).toBe(false)
  })

  test('carries a canary every 4 KiB, and is as large as it is asked to be', () => {
    const canary = makeCanary()
    const bytes = tinyModelBytes({ canary, padBytes: 4_194_304 })
    expect(bytes.length).toBeGreaterThan(4_194_304)
    let found = 0
    for (let at = bytes.indexOf(canary); at !== -1; at = bytes.indexOf(canary, at + 1)) found++
    expect(found).toBeGreaterThan(1000)
    expect(() => read(bytes)).not.toThrow()
  })
})

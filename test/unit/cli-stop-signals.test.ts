import { expect, test } from 'vitest'
import { createSignalReader } from '../../src/cli/serve/stop-signals.ts'

test('one keystroke is one signal, however often it arrives; a later one is the second', () => {
  const read = createSignalReader()
  expect([1000, 1001, 1499, 1600].map(read)).toEqual(['first', 'same', 'same', 'second'])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configurationPage, exampleFile } from '../../src/config/page.ts'
import { Config } from '../../src/config/schema.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('docs/configuration.md is what the schema says: run node scripts/config-docs.ts', () => {
  expect(read('docs/configuration.md')).toBe(configurationPage())
})

test('the example file holds every default and is accepted', () => {
  const text = read('config/secure-llm.example.json')
  expect(text).toBe(exampleFile())
  expect(Config.parse(JSON.parse(text))).toEqual(Config.parse({}))
})

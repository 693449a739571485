/** docs/guard.md says what the tables of the profiles say, row by row. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  INPUT_CLASSES,
  OUTPUT_CLASSES,
  type InputClass,
  type OutputClass,
} from '../../src/guard/classes.ts'
import { INPUT_RULES, MANNERS, OUTPUT_RULES } from '../../src/guard/profiles.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/guard.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

const answers = Object.entries(OUTPUT_RULES).map(([name, { strict, coding, reason }]) => {
  return [`\`${name}\``, OUTPUT_CLASSES[name as OutputClass].covers, strict, coding, reason]
})
const prompts = Object.entries(INPUT_RULES).map(([name, { said, untrusted, reason }]) => {
  const covers = INPUT_CLASSES[name as InputClass]
  return [`\`${name}\``, covers, said, untrusted.strict, untrusted.coding, reason]
})
const manners = Object.entries(MANNERS).map(([name, row]) => {
  const { mode, ownPersonalData, documents, clientSystem, reason } = row
  return [`\`${name}\``, mode, ownPersonalData, documents, clientSystem, reason]
})

test.each([...answers, ...prompts, ...manners])('%s', (...row) => {
  expect(rows).toContainEqual(row)
})

test('and nothing besides, but three heads', () => {
  const told = rows.filter(([first]) => first?.startsWith('`'))
  expect(told).toHaveLength(answers.length + prompts.length + manners.length)
})

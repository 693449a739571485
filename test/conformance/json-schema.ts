/**
 * The JSON-Schema-Test-Suite against `src/grammar/`.
 *
 *     npm run conformance:schema -- --data FOLDER      (the suite's folder, with tests/draft2020-12 in it)
 *
 * For each schema: either it is refused, naming a keyword, or its grammar accepts exactly the valid
 * instances, by our own interpreter and by llama.cpp. An instance is tried with the members of its
 * objects in every order: a valid one has to be accepted in one of them, an invalid one in none.
 * Nothing of the suite is part of this project.
 *
 * @packageDocumentation
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { compileSchema } from '../../src/grammar/compile.ts'
import { SchemaFault } from '../../src/grammar/limits.ts'
import { Gbnf } from '../fixtures/gbnf.ts'
import { jsonTexts } from '../fixtures/json-texts.ts'
import { llamaGrammar } from '../fixtures/llama-grammar.ts'
import { narrownessOf } from './narrowness.ts'

const Group = z.looseObject({
  description: z.string(),
  schema: z.unknown(),
  tests: z.array(z.looseObject({ description: z.string(), data: z.unknown(), valid: z.boolean() })),
})
type Group = z.infer<typeof Group>

interface Counts {
  honoured: number
  refused: number
  instances: number
  narrower: number
  readonly by: Set<string>
}

const disagreements: string[] = []

function check(file: string, group: Group, counts: Counts): void {
  let grammar: string
  try {
    grammar = compileSchema(group.schema).grammar
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error
    counts.refused++
    counts.by.add(error.keyword === '' ? error.message : error.keyword)
    return
  }
  counts.honoured++
  const ours = new Gbnf(grammar)
  const llama = llamaGrammar(grammar)
  for (const test of group.tests) {
    const texts = jsonTexts(test.data)
    const where = `${file}: ${group.description}: ${test.description}`
    const accepted = texts.filter((text) => ours.accepts(text))
    if (texts.some((text) => llama.accepts(text) !== accepted.includes(text))) {
      disagreements.push(`${where}: llama.cpp reads the grammar differently`)
    }
    counts.instances++
    if (accepted.length > 0 === test.valid) continue
    const reason = test.valid ? narrownessOf(file, group.schema, test.data) : null
    if (reason === null) {
      disagreements.push(`${where}: ${test.valid ? 'valid, not accepted' : 'invalid, accepted'}`)
    } else {
      counts.narrower++
    }
  }
}

function main(): number {
  const { values } = parseArgs({ options: { data: { type: 'string' } } })
  const folder = join(values.data ?? '', 'tests', 'draft2020-12')
  if (values.data === undefined || !existsSync(folder)) {
    console.error('No suite: give the folder of JSON-Schema-Test-Suite with --data FOLDER.')
    return 2
  }
  const total: Counts = { honoured: 0, refused: 0, instances: 0, narrower: 0, by: new Set() }
  console.log('file'.padEnd(42), 'schemas honoured  refused  instances  narrower  refused for')
  for (const path of globSync('**/*.json', { cwd: folder }).sort()) {
    const counts: Counts = { honoured: 0, refused: 0, instances: 0, narrower: 0, by: new Set() }
    const groups = z.array(Group).parse(JSON.parse(readFileSync(join(folder, path), 'utf8')))
    for (const group of groups) check(path, group, counts)
    for (const key of ['honoured', 'refused', 'instances', 'narrower'] as const) {
      total[key] += counts[key]
    }
    print(path, counts)
  }
  print('total', total)
  for (const line of disagreements) console.log(`DISAGREES ${line}`)
  console.log(`${disagreements.length} disagreements`)
  return disagreements.length === 0 ? 0 : 1
}

function print(name: string, { honoured, refused, instances, narrower, by }: Counts): void {
  const numbers = [honoured, refused, instances, narrower].map((count) => String(count).padStart(9))
  console.log(name.padEnd(42), numbers.join(''), ` ${[...by].join(', ')}`)
}

process.exitCode = main()

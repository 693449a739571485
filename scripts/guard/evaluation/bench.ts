/**
 * `npm run bench:guard`: the speed of the guard on this machine, one core, as docs/guard-evaluation.md
 * has it.
 *
 * @packageDocumentation
 */
import { measureSpeed } from './speed.ts'
import { markdownOf } from './tables.ts'

for (const table of measureSpeed()) console.log(`${table.title}\n\n${markdownOf(table)}\n`)

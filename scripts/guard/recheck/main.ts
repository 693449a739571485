/**
 * `npm run recheck`: no regular expression of the guard takes more than linear time.
 *
 * Ends with `N passed, N failed`, counting expressions; a place that builds one and never ran, and a
 * row of exceptions.ts that nothing needs, are failures too.
 *
 * @packageDocumentation
 */
// First of all: it has to see what the modules behind it build when they are loaded.
import { FOLDER, ROOT, takeBuilt } from './recording.ts'
import { EXCEPTIONS, type Exception } from './exceptions.ts'
import { exerciseGuard } from './exercise.ts'
import { proveLinear } from './proof.ts'
import { merge, readSources, type Expression } from './sources.ts'

exerciseGuard()
const built = takeBuilt()
const { literals, builders } = readSources(ROOT, FOLDER)
const used = new Set<Exception>()
const failures: string[] = []
const ways = new Map<string, number>()

const all = merge([...literals, ...built])
for (const expression of all) {
  const startedMs = performance.now()
  const proof = proveLinear(expression.source, expression.flags)
  const exception = exceptionOf(expression)
  const tookMs = performance.now() - startedMs
  if (process.argv.includes('--verbose') && tookMs > 500)
    console.log(`${Math.round(tookMs)} ms`, describe(expression))
  if (proof.is === 'linear') count(proof.how.replace(/\d+/, 'so many'))
  else if (exception === undefined) failures.push(`${describe(expression)}: ${proof.why}`)
  else {
    used.add(exception)
    count('an exception, with its reason')
  }
}
const ran = new Set(built.flatMap(({ places }) => places))
for (const place of builders) {
  if (!ran.has(place)) failures.push(`${place}: builds one, and never ran: see exercise.ts`)
}
for (const row of EXCEPTIONS) {
  if (!used.has(row)) failures.push(`${row.file}: the exception of /${row.source}/ is not needed`)
}

for (const [way, number] of ways) console.log(`${number}: ${way}`)
for (const failure of failures) console.log(`FAILED ${failure}`)
const passed = [...ways.values()].reduce((sum, number) => sum + number, 0)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

function count(way: string): void {
  ways.set(way, (ways.get(way) ?? 0) + 1)
}

function exceptionOf({ source, places }: Expression): Exception | undefined {
  return EXCEPTIONS.find(
    (row) => row.source === source && places.every((place) => place.startsWith(`${row.file}:`)),
  )
}

function describe({ source, flags, places }: Expression): string {
  const shown = source.length > 100 ? `${source.slice(0, 100)}…` : source
  return `${places[0] ?? ''} /${shown}/${flags}`
}

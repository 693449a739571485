/**
 * `npm run fuzz:guard [SECONDS]`: random texts through the whole guard. `FUZZ_SEED=random`, or a
 * number, for other ones. Ends with the seed and `N passed, N failed`.
 *
 * @packageDocumentation
 */
import { SEED } from '../seed.ts'
import { Cases, type Failure } from './cases.ts'
import { Random } from './random.ts'

const USUAL_SECONDS = 30
/** The rest would be the same fault again. */
const MAX_FAILURES = 10
const SHOWN_CHARS = 2000

const seconds = Number(process.argv[2] ?? USUAL_SECONDS)
if (!(seconds > 0)) throw new Error('how many seconds?')
const untilMs = performance.now() + seconds * 1000
const cases = new Cases(new Random(SEED))
const failures: Failure[] = []
let passed = 0
while (performance.now() < untilMs && failures.length < MAX_FAILURES) {
  const failure = cases.next()
  if (failure === undefined) passed++
  else {
    failures.push(failure)
    console.log(`case ${passed + failures.length}, ${failure.kind}: ${failure.why}`)
    console.log(`  ${JSON.stringify(failure.text).slice(0, SHOWN_CHARS)}`)
  }
}
console.log(`seed ${SEED}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

/**
 * Trains the input guard's model: `node scripts/guard/train.ts --data DIR`.
 *
 * Writes src/guard/input/weights.bin, the same bytes for the same rows. The data folder, its
 * sources and their licences: docs/guard-model.md.
 *
 * @packageDocumentation
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { BUCKETS, featuresOf } from '../../src/guard/input/features.ts'
import {
  calibrated,
  valuesOf,
  MAGIC,
  type Head,
  type HeadName,
} from '../../src/guard/input/model.ts'
import { matchingText } from '../../src/guard/input/matching.ts'
import { documentExamples, promptExamples, type Example } from './train/examples.ts'
import { fit, type Fitted } from './train/fit.ts'
import { Random } from './train/random.ts'
import { readRows } from './train/rows.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } })
if (values.data === undefined) throw new Error('--data DIR is missing')

interface Plan {
  readonly windowTokens: number
  readonly epochs: number
  readonly rate: number
  readonly decay: number
  /** Of the harmless sets of the tuning part, as a mean. */
  readonly falseAlarms: number
}

const PLAN: Record<HeadName, Plan> = {
  prompt: { windowTokens: 24, epochs: 10, rate: 0.06, decay: 1e-6, falseAlarms: 0.04 },
  // A document that is read gives no orders: more false alarms are the price of missing fewer.
  document: { windowTokens: 24, epochs: 8, rate: 0.1, decay: 1e-6, falseAlarms: 0.08 },
}
/** Harmless sets that are like what the head will see. */
const TUNED_BY: Record<HeadName, readonly string[]> = {
  prompt: ['deepset', 'fastchat', 'mitre', 'fuzzyai', 'guardrails'],
  document: ['answers', 'llmail', 'bipia-email', 'bipia-table', 'bipia-code'],
}
const PER_LOG_WINDOWS = 0.25
const SLOPE = 1

const rows = readRows(values.data)
const header: Record<string, unknown> = { format: 1 }
const parts: Uint8Array[] = []
for (const name of ['prompt', 'document'] as const) {
  const random = new Random(name === 'prompt' ? 11 : 23)
  const examples = (name === 'prompt' ? promptExamples : documentExamples)(rows, random)
  const plan = PLAN[name]
  const training = examples.filter(({ part }) => part === 'train')
  const fitted = fit(training, { ...plan, seed: 5 })
  const head = tuned(quantised(fitted, plan.windowTokens), examples, name)
  report(name, head, examples)
  header[name] = { ...head, weights: undefined }
  parts.push(new Uint8Array(head.weights.buffer))
}
const file = Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`), ...parts])
writeFileSync(values.out ?? new URL('../../src/guard/input/weights.bin', import.meta.url), file)

function quantised({ weights, bias }: Fitted, windowTokens: number): Head {
  const sizes = weights
    .filter((weight) => weight !== 0)
    .map(Math.abs)
    .sort()
  const limit = sizes[Math.floor(sizes.length * 0.9995)] ?? 1
  const step = limit / 127
  const rounded = Int8Array.from(weights, (weight) =>
    Math.max(-127, Math.min(127, Math.round(weight / step))),
  )
  return {
    windowTokens,
    step,
    bias,
    perLogWindows: PER_LOG_WINDOWS,
    slope: SLOPE,
    threshold: 0,
    weights: rounded,
  }
}

function valueOf(text: string, head: Head): number {
  return valuesOf(featuresOf(matchingText(text)), head).value
}

/**
 * The lowest threshold that flags no more of the harmless rows of the tuning part than allowed,
 * as the mean over the sets: a big easy set excuses nothing in a small hard one.
 */
function tuned(head: Head, examples: readonly Example[], name: HeadName): Head {
  const bySet = new Map<string, number[]>()
  for (const { text, isAttack, part, set } of examples) {
    if (isAttack || part !== 'tune' || !TUNED_BY[name].includes(set)) continue
    bySet.set(set, [...(bySet.get(set) ?? []), valueOf(text, head)])
  }
  const share = (threshold: number) => {
    const shares = [...bySet.values()].map((found) => {
      return found.filter((value) => value >= threshold).length / found.length
    })
    return shares.reduce((sum, one) => sum + one, 0) / shares.length
  }
  let threshold = -2
  while (share(threshold) > PLAN[name].falseAlarms) threshold += 0.05
  return { ...head, threshold }
}

function report(name: HeadName, head: Head, examples: readonly Example[]): void {
  console.log(
    `${name}: threshold ${head.threshold.toFixed(2)}, ${head.weights.filter((w) => w !== 0).length}/${BUCKETS} weights`,
  )
  const sets = [...new Set(examples.map(({ set, isAttack }) => `${set}\t${isAttack}`))]
  for (const key of sets) {
    const cells = (['train', 'tune', 'check'] as const).map((part) => {
      const own = examples
        .filter((row) => row.part === part && `${row.set}\t${row.isAttack}` === key)
        .slice(0, 600)
      const flagged = own.filter(({ text }) => calibrated(valueOf(text, head), head) >= 0.5).length
      return `${((100 * flagged) / own.length).toFixed(1)}% of ${own.length}`
    })
    console.log(
      `  ${key.replace('\ttrue', ' ATTACK').replace('\tfalse', '').padEnd(28)} ${cells.join('   ')}`,
    )
  }
}

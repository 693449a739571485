/**
 * The rows that are measured on, read from a data folder. None of them is written anywhere.
 *
 * What it gives: texts with what is in them, by set. What it does not give: a set whose folder is
 * not there; it says so, once.
 *
 * @packageDocumentation
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Span } from './counts.ts'

export interface Row {
  readonly set: string
  /** Its place in its file. The detectors were looked at with even rows. */
  readonly index: number
  readonly text: string
  /** Whether there is something to find. */
  readonly isPositive: boolean
  /** Of all of the row, when its spans are not told. */
  readonly type: string
  readonly spans: readonly Span[]
}

const missing = new Set<string>()

/** Undefined when it is not there. */
function readText(data: string, file: string): string | undefined {
  const path = join(data, file)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  if (!missing.has(file)) console.log(`NOT MEASURED: ${file} is not in the data folder`)
  missing.add(file)
  return undefined
}

function readLines<T>(data: string, file: string, shape: z.ZodType<T>): readonly T[] {
  const lines = (readText(data, file) ?? '').split('\n').filter((line) => line !== '')
  return lines.map((line) => shape.parse(JSON.parse(line)))
}

const Text = z.object({ text: z.string() })

/** Texts of a file, in order. */
export function readTexts(data: string, file: string): readonly string[] {
  return readLines(data, file, Text).map(({ text }) => text)
}

const Synthetic = z.array(
  z.object({
    full_text: z.string(),
    spans: z.array(
      z.object({ entity_type: z.string(), start_position: z.int(), end_position: z.int() }),
    ),
  }),
)

const SYNTHETIC_FILES = ['synth_dataset_v2', 'generated_large', 'generated_small'] as const

/** Offsets count characters there, code points that is, and units here. */
export function readSynthetic(data: string): readonly Row[] {
  return SYNTHETIC_FILES.flatMap((set) => {
    const text = readText(data, `pii/pii-presidio-research/${set}.json`)
    if (text === undefined) return []
    return Synthetic.parse(JSON.parse(text)).map(({ full_text: text, spans }, index) => {
      const unitAt = unitsOf(text)
      const own = spans.map((span) => ({
        type: span.entity_type,
        start: unitAt(span.start_position),
        end: unitAt(span.end_position),
      }))
      return { set, index, text, isPositive: own.length > 0, type: '', spans: own }
    })
  })
}

function unitsOf(text: string): (place: number) => number {
  const characters = Array.from(text)
  if (characters.length === text.length) return (place) => place
  return (place) => characters.slice(0, place).join('').length
}

const Place = z.object({ start: z.int(), end: z.int() })
const Pair = z.tuple([z.int(), z.int()]).transform(([start, end]) => ({ start, end }))
const Places = z.array(z.union([Pair, Place]))
const RecogniserCase = z.object({
  text: z.string(),
  entity: z.string(),
  label: z.int(),
  spans: Places.nullish(),
})

export function readRecogniserCases(data: string): readonly Row[] {
  const cases = readLines(data, 'pii/pii-presidio-tests/recognizer_cases.jsonl', RecogniserCase)
  return cases.map(({ text, entity: type, label, spans }, index) => ({
    ...{ set: 'presidio tests', index, text, type, isPositive: label === 1 },
    spans: spansOf(text, type, spans ?? []),
  }))
}

function spansOf(
  text: string,
  type: string,
  places: readonly z.infer<typeof Place>[],
): readonly Span[] {
  const unitAt = unitsOf(text)
  return places.map(({ start, end }) => ({ type, start: unitAt(start), end: unitAt(end) }))
}

const SecretCase = z.object({
  text: z.string(),
  label: z.int(),
  rule: z.string().optional(),
  plugin: z.string().optional(),
  custom_options: z.boolean().optional(),
  spans: Places.nullish(),
})

const SECRET_FILES = {
  noseyparker: 'secrets/secrets-noseyparker/examples.jsonl',
  'detect-secrets': 'secrets/secrets-detectsecrets/plugin_cases.jsonl',
  secretlint: 'secrets/secrets-secretlint/snapshots.jsonl',
} as const

/** Without the cases of secretlint that set options of their own. */
export function readSecrets(data: string): readonly Row[] {
  return Object.entries(SECRET_FILES).flatMap(([set, file]) =>
    readLines(data, file, SecretCase)
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => row.custom_options !== true)
      .map(({ row, index }) => {
        const type = row.rule ?? row.plugin ?? ''
        const spans = spansOf(row.text, type, row.spans ?? [])
        return { set, index, text: row.text, type, isPositive: row.label === 1, spans }
      }),
  )
}

/**
 * Secrets of others in an answer: what is looked for, and the rows of it for tests and documents.
 *
 * @packageDocumentation
 */
import type { Detector } from '../detector.ts'
import { FORMATS, FORMATS_DETECTOR } from './formats.ts'
import { KEY_BLOCKS } from './key-block.ts'
import { KUBERNETES_SECRET } from './kubernetes.ts'
import { LABELLED_DETECTOR } from './labelled.ts'
import { LABELLED_FORMATS } from './rows/labelled-formats.ts'
import type { SecretRow } from './secret-row.ts'
import { breakSpecimen, makeSpecimen } from './specimen.ts'
import { URL_PASSWORD } from './url-password.ts'

/** In the order in which they decide. */
export const SECRETS: readonly Detector[] = [
  ...KEY_BLOCKS,
  KUBERNETES_SECRET,
  FORMATS_DETECTOR,
  URL_PASSWORD,
  LABELLED_DETECTOR,
]

/** What is found by other means than a shape, with what must not be. */
const OTHERS: readonly (readonly [detector: Detector, counterexample: string])[] = [
  ...KEY_BLOCKS.map(
    (block) => [block, block.example.replace('PRIVATE', 'PUBLIC').replace('Key', '')] as const,
  ),
  [KUBERNETES_SECRET, KUBERNETES_SECRET.example.replace('Secret', 'ConfigMap')],
  [URL_PASSWORD, 'postgres://ada@db.example.org/engine'],
]

/** Behind labels of no vendor. */
const GENERAL_ROWS: readonly SecretRow[] = [
  {
    code: 'output.secret.random',
    example: 'signing_key = "q7Zr2LmX9vBt4KpW"',
    counterexample: 'public_key = "q7Zr2LmX9vBt4KpW"',
    source: 'characters per piece (randomness.ts)',
  },
  {
    code: 'output.secret.password',
    example: 'password: "hunter2"',
    counterexample: 'password: "${DB_PASSWORD}"',
    source: 'no placeholder (placeholder.ts)',
  },
]

/** One for each shape. */
export const SECRET_ROWS: readonly SecretRow[] = [
  ...OTHERS.map(([{ code, example, reason: source }, counterexample]) => ({
    code,
    example,
    counterexample,
    source,
  })),
  ...GENERAL_ROWS,
  ...FORMATS.flatMap(([code, shapes, source]) =>
    shapes.split(' ').map((shape) => rowOf(code, shape, undefined, source)),
  ),
  ...LABELLED_FORMATS.flatMap(([code, labels, shapes, source]) =>
    shapes.split(' ').map((shape) => rowOf(code, shape, nameOf(labels), source)),
  ),
]

function nameOf(labels: string): string {
  return (labels.split(' ')[0] ?? '').replaceAll('|', '')
}

function rowOf(
  code: string,
  written: string,
  label: string | undefined,
  source: string,
): SecretRow {
  const show = (value: string) => (label === undefined ? value : `${label} = "${value}"`)
  return {
    code: `output.secret.${code}`,
    example: show(makeSpecimen(written)),
    counterexample: show(breakSpecimen(written)),
    source,
  }
}

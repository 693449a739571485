/**
 * Secrets of others in an answer: what is looked for, and the rows of it for tests and documents.
 *
 * @packageDocumentation
 */
import type { Detector } from '../detector.ts'
import { FORMATS, FORMATS_DETECTOR } from './formats.ts'
import { KEY_BLOCKS } from './key-block.ts'
import { LABELLED_DETECTOR } from './labelled.ts'
import { LABELLED_FORMATS } from './rows/labelled-formats.ts'
import type { SecretRow } from './secret-row.ts'
import { breakSpecimen, makeSpecimen } from './specimen.ts'
import { URL_PASSWORD } from './url-password.ts'

/** In the order in which they decide. */
export const SECRETS: readonly Detector[] = [
  ...KEY_BLOCKS,
  FORMATS_DETECTOR,
  URL_PASSWORD,
  LABELLED_DETECTOR,
]

/** One for each shape. */
export const SECRET_ROWS: readonly SecretRow[] = [
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

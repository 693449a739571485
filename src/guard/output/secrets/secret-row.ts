/**
 * A row of the tables of secrets, and the row of one as tests and documents see it.
 *
 * @packageDocumentation
 */

/** Known by its own form: code, shapes (shape.ts; a space between two), vendor's page. */
export type FormatRow = readonly [code: string, shapes: string, source: string]

/**
 * Known by its form behind a label: code, labels (label-tree.ts; a space between two), shapes, page.
 */
export type LabelledRow = readonly [code: string, labels: string, shapes: string, source: string]

export interface SecretRow {
  /** As in findings: `output.secret.github-token`. */
  readonly code: string
  /** Made up. */
  readonly example: string
  /** Looks like one, and is none. */
  readonly counterexample: string
  readonly source: string
}

/**
 * Regular expressions without a proof, and what bounds each of them instead.
 *
 * A row is a security decision: it holds for the expression as it is written there, and a row that
 * nothing needs any more is a failure too.
 *
 * @packageDocumentation
 */
export interface Exception {
  readonly file: string
  readonly source: string
  /** What makes its text short, or its search start at one place. */
  readonly reason: string
}

export const EXCEPTIONS: readonly Exception[] = []

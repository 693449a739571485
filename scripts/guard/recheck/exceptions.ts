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

const SECRETS = 'src/guard/output/secrets'

export const EXCEPTIONS: readonly Exception[] = [
  {
    file: `${SECRETS}/assignment.ts`,
    source: String.raw`^["'\x60]?\s*(?::|\|\s*\w{0,12}\s*)?$`.replace('\\x60', '`'),
    reason: 'over a slice of at most 12 characters (MAX_LEAD)',
  },
  {
    file: `${SECRETS}/randomness.ts`,
    source: String.raw`^v?\d+(?:\.\d+)+(?:[-+.a-z0-9]*)$`,
    reason: 'over one value, which has at most 527 characters (the longest format)',
  },
  {
    file: `${SECRETS}/placeholder.ts`,
    source: String.raw`^\/|^#[a-z-]+$|^(?!.*[0-9]).*(?:[_.#/-](?:password|passwd)|Password|(?:password|passwd)s?[_.#/-])`,
    reason: 'over one value, which has at most 527 characters (the longest format)',
  },
  {
    file: `${SECRETS}/shape.ts`,
    source: String.raw`<([a-z0-9]+):(\d+)(-?)(\d*)>|(\^)|([^<^]+)`,
    reason: 'reads the shapes of the tables, when they are loaded',
  },
]

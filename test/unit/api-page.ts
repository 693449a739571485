/** Reads the tables of docs/api.md, as a reader of the page sees them. */

export interface FieldLine {
  readonly path: string
  readonly field: string
  readonly use: string
  /** The file in `test/unit/` that the row names. */
  readonly test: string
}

/** Of every table that is marked `fields of PATH`. */
export function fieldRows(page: string): FieldLine[] {
  const tables = page.matchAll(/<!-- table: fields of (\S+) -->\n([^]*?)<!-- end -->/g)
  return [...tables].flatMap(([, path = '', table = '']) =>
    cellsOf(table).map(([field = '', use = '', , test = '']) => ({ path, field, use, test })),
  )
}

/** The first table that comes after a text: its cells, without code marks. */
export function tableAfter(page: string, text: string): string[][] {
  const [, rest = ''] = page.split(text)
  return cellsOf(/(^\|.*\n)+/m.exec(rest)?.[0] ?? '')
}

function cellsOf(table: string): string[][] {
  const lines = table.split('\n').filter((line) => line.startsWith('|'))
  const cells = lines.map((line) => line.split('|').slice(1, -1))
  return cells.slice(2).map((row) => row.map((cell) => cell.trim().replaceAll('`', '')))
}

/**
 * Tables of figures: as Markdown, and in their places in a document.
 *
 * Pure.
 *
 * @packageDocumentation
 */
export interface Table {
  /** Its place in the document: between `<!-- figures: ID -->` and `<!-- end -->`. */
  readonly id: string
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function markdownOf({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const PLACE = /<!-- figures: ([a-z-]+) -->/g

/** @throws Error unless every table has a place, and every place its table: none keeps older figures. */
export function placeTables(document: string, tables: readonly Table[]): string {
  const places = [...document.matchAll(PLACE)].map(([, id]) => id)
  const ids = tables.map(({ id }) => id)
  const without = places.filter((id) => !ids.some((given) => given === id))
  if (without.length > 0) throw new Error(`there are no figures for ${without.join(', ')}`)
  return tables.reduce((text, table) => {
    const start = `<!-- figures: ${table.id} -->`
    const from = text.indexOf(start)
    const to = text.indexOf('<!-- end -->', from)
    if (from < 0 || to < 0) throw new Error(`the document has no place for ${table.id}`)
    return `${text.slice(0, from + start.length)}\n\n${markdownOf(table)}\n\n${text.slice(to)}`
  }, document)
}

/** `87.5 %`; nothing to count is a dash. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`
}

export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–'
}

/**
 * The tables of docs/api.md, made from the OpenAPI document: so the page, the document and the
 * server say the same.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

const Operation = z.object({
  summary: z.string(),
  security: z.array(z.unknown()).optional(),
  'x-scope': z.string().optional(),
  requestBody: z
    .object({
      content: z.object({
        'application/json': z.object({
          schema: z.object({
            properties: z.record(
              z.string(),
              z.object({ description: z.string(), 'x-use': z.string() }),
            ),
          }),
        }),
      }),
    })
    .optional(),
})
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })

/** In test/unit/: has a test for each field of each path, with the field's name and use. */
const FIELD_TEST = 'gateway-fields.test.ts'
/** Of each route: who may call it, and what it gives. */
const ROUTE_TEST = 'gateway-routes.test.ts'

/** By the name that stands in the page's marks. */
export type PageTables = ReadonlyMap<string, string>

/** The routes, and `fields of PATH` for each that has a body. */
export function pageTables(document: unknown): PageTables {
  const { paths } = Document.parse(document)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const routes = operations.map(({ path, method, operation }) => {
    const { 'x-scope': scope, summary } = operation
    const needs = scope === undefined ? 'nothing' : `scope \`${scope}\``
    return [`\`${method.toUpperCase()} ${path}\``, needs, summary, `\`${ROUTE_TEST}\``]
  })
  const tables = new Map([['routes', table(['route', 'needs', 'gives', 'test'], routes)]])
  for (const { path, operation } of operations) {
    const schema = operation.requestBody?.content['application/json'].schema
    if (schema === undefined) continue
    const rows = Object.entries(schema.properties).map(([name, property]) => {
      return [`\`${name}\``, property['x-use'], property.description, `\`${FIELD_TEST}\``]
    })
    tables.set(`fields of ${path}`, table(['field', 'use', '', 'test'], rows))
  }
  return tables
}

const MARK = /<!-- table: (.+) -->\n[^]*?<!-- end -->/g

/** The page with its tables as they should be. */
export function withTables(page: string, tables: PageTables): string {
  return page.replaceAll(MARK, (_, name: string) => {
    const made = tables.get(name)
    if (made === undefined) throw new Error(`no table for the mark "${name}"`)
    return `<!-- table: ${name} -->\n\n${made}\n\n<!-- end -->`
  })
}

/** Aligned, as the formatter of the project has them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(head), rule, ...rows.map(line)].join('\n')
}

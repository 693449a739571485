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

/** In test/unit/: where each field of a path is tried, by its name. */
export const FIELD_TESTS: Readonly<Record<string, string>> = {
  '/v1/completions': 'gateway-fields.test.ts',
  '/v1/responses': 'gateway-fields.test.ts',
  '/v1/messages': 'gateway-fields.test.ts',
  '/v1/embeddings': 'gateway-embeddings.test.ts',
  '/v1/tokenize': 'gateway-fields.test.ts',
  '/v1/detokenize': 'gateway-fields.test.ts',
}

/** By the name that stands in the page's marks. */
export type PageTables = ReadonlyMap<string, string>

/**
 * @param tests - The file that tests the fields of a path, where the page shows them.
 */
export function pageTables(document: unknown, tests: Readonly<Record<string, string>>): PageTables {
  const { paths } = Document.parse(document)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const routes = operations.map(({ path, method, operation }) => {
    const { 'x-scope': scope, summary } = operation
    const needs = scope === undefined ? 'nothing' : `scope \`${scope}\``
    return [`\`${method.toUpperCase()} ${path}\``, needs, summary]
  })
  const tables = new Map([['routes', table(['route', 'needs', 'gives'], routes)]])
  for (const { path, operation } of operations) {
    const test = tests[path]
    const schema = operation.requestBody?.content['application/json'].schema
    if (test === undefined || schema === undefined) continue
    const rows = Object.entries(schema.properties).map(([name, property]) => {
      return [`\`${name}\``, property['x-use'], property.description, `\`${test}\``]
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

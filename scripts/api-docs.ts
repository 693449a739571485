/**
 * Writes the tables of docs/api.md from the OpenAPI document.
 *
 *     node scripts/api-docs.ts            # writes them
 *     node scripts/api-docs.ts --check    # 1 when the page says something else
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiDocument } from '../src/gateway/openapi/document.ts'
import { pageTables, withTables } from '../src/gateway/openapi/page.ts'
import { API_VERSION } from '../src/gateway/routes/openapi.ts'

const path = join(import.meta.dirname, '../docs/api.md')
const page = readFileSync(path, 'utf8')
const made = withTables(page, pageTables(openApiDocument(API_VERSION)))
if (!process.argv.includes('--check')) writeFileSync(path, made)
else if (made !== page) {
  console.error('docs/api.md is not what the tables say: run node scripts/api-docs.ts')
  process.exitCode = 1
}

/**
 * Writes docs/configuration.md and config/secure-llm.example.json from the schema.
 *
 *     node scripts/config-docs.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage, exampleFile } from '../src/config/page.ts'

const root = join(import.meta.dirname, '..')
writeFileSync(join(root, 'docs/configuration.md'), configurationPage())
writeFileSync(join(root, 'config/secure-llm.example.json'), exampleFile())

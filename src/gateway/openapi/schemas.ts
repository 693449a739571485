/**
 * zod's schemas as JSON Schemas of an OpenAPI document: what has an `id` is said once, among its
 * components.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

export type Json = Record<string, unknown>

const OWN_PARTS = '"#/$defs/'
const COMPONENTS = '"#/components/schemas/'

export class Schemas {
  readonly #components = new Map<string, unknown>()

  /** As it is where it stands, with references to the components. */
  add(schema: z.ZodType): Json {
    const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    const text = JSON.stringify(made).replaceAll(OWN_PARTS, COMPONENTS)
    const { $defs = {}, ...said } = Made.parse(JSON.parse(text))
    delete said.$schema
    for (const [id, part] of Object.entries($defs)) this.#components.set(id, part)
    return said
  }

  /** By name. */
  components(): Json {
    const byName = [...this.#components].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(byName)
  }
}

const Made = z.looseObject({ $defs: z.record(z.string(), z.unknown()).optional() })

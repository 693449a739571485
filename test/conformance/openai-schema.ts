/**
 * OpenAI's own OpenAPI document as validators.
 *
 * @packageDocumentation
 */
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as z from 'zod'
import { EXCEPTIONS, type Exception } from './openai-exceptions.ts'

export interface OpenAiSchemas {
  readonly version: string
  /** @returns undefined when the value is valid by the schema of this name, else why not. */
  readonly fault: (schema: string, value: unknown, of: 'event' | 'whole') => string | undefined
}

const Document = z.looseObject({
  info: z.looseObject({ version: z.string() }),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

const Schemas = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null,
)
type Parts = z.infer<typeof Schemas>

/** @throws Error when the file is no OpenAPI document. */
export async function readOpenAiSchemas(file: string): Promise<OpenAiSchemas> {
  const validator = new Validator()
  const { valid } = await validator.validate(file)
  if (!valid) throw new Error(`${file} is not a valid OpenAPI document`)
  const { info, components } = Document.parse(validator.specification)
  const forms = {
    whole: compilerOf(components.schemas, (exception) => exception.of === 'any'),
    event: compilerOf(components.schemas, () => true),
  }
  return {
    version: info.version,
    fault: (schema, value, of) => {
      const validate = forms[of].compile({ $ref: `openai#/components/schemas/${schema}` })
      return validate(value)
        ? undefined
        : forms[of].errorsText(validate.errors, { dataVar: schema })
    },
  }
}

function compilerOf(given: unknown, applies: (exception: Exception) => boolean): Ajv2020 {
  const schemas = Schemas.parse(structuredClone(given))
  for (const { schema, place } of EXCEPTIONS.filter(applies)) alsoNull(schemas, [schema, ...place])
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ components: { schemas: allowingNull(schemas) } }, 'openai')
  return ajv
}

/** @throws Error when there is no such place any more: then the exception may go. */
function alsoNull(schemas: Parts, place: readonly string[]): void {
  const found = place.reduce<Parts>((inner, key) => Schemas.parse(inner[key]), schemas)
  found.nullable = true
}

/**
 * The document says 3.1, which has no `nullable`, and uses the word of 3.0 in many places all the
 * same: what it means is "or null".
 */
function allowingNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowingNull)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, ...said } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, allowingNull(value)]),
  )
  return nullable === true ? { anyOf: [said, { type: 'null' }] } : said
}

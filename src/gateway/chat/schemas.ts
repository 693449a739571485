/**
 * Schemas of clients as rules of a grammar: compiled once, and bounded all together.
 *
 * What it gives: rules for the engine, and the schema they came from, for those who must not break
 * it; a schema that is not understood is a 400 that names the keyword and its place. What it does
 * not give: a memory that one client shares with another; what a compile takes would tell.
 *
 * @packageDocumentation
 */
import { compileSchema } from '../../grammar/compile.ts'
import { DEFAULT_LIMITS, SchemaFault } from '../../grammar/limits.ts'
import { ClientMistake } from '../api-error.ts'

export interface SchemaText {
  /** JSON text. */
  readonly text: string
  /** Name of the first rule. */
  readonly rootRule: string
  /** Where it stands in the request. */
  readonly place: string
}

export interface CompiledSchema {
  readonly rules: string
  readonly schema: object | boolean
}

/** What a request's rules may take of a frame, as they are written there. */
const MAX_RULES_BYTES = 1_572_864
const MAX_REMEMBERED = 256
const MAX_REMEMBERED_CHARS = 8_388_608

export class SchemaBook {
  /** Least recently used first. */
  readonly #known = new Map<string, CompiledSchema>()
  #chars = 0

  /**
   * @param clientId - Whose schemas they are.
   * @throws ClientMistake for the first that is refused.
   */
  compile(clientId: string, schemas: readonly SchemaText[]): CompiledSchema[] {
    // All schemas of a request have the work of one to share.
    const steps = Math.floor(DEFAULT_LIMITS.steps / Math.max(1, schemas.length))
    const compiled = schemas.map((schema) => this.#find(clientId, schema, steps))
    const bytes = compiled.reduce((sum, { rules }) => sum + JSON.stringify(rules).length, 0)
    if (bytes <= MAX_RULES_BYTES) return compiled
    const message = `the schemas make ${bytes} bytes of grammar, ${MAX_RULES_BYTES} are allowed`
    throw new ClientMistake('invalid_value', message, schemas[0]?.place)
  }

  #find(clientId: string, schema: SchemaText, steps: number): CompiledSchema {
    const key = `${clientId} ${schema.rootRule} ${schema.text}`
    const known = this.#known.get(key)
    if (known !== undefined) {
      this.#known.delete(key)
      this.#known.set(key, known)
      return known
    }
    const compiled = compileOne(schema, steps)
    this.#remember(key, compiled)
    return compiled
  }

  #remember(key: string, compiled: CompiledSchema): void {
    this.#known.set(key, compiled)
    this.#chars += sizeOf(key, compiled)
    for (const [oldest, value] of this.#known) {
      if (this.#known.size <= MAX_REMEMBERED && this.#chars <= MAX_REMEMBERED_CHARS) return
      this.#known.delete(oldest)
      this.#chars -= sizeOf(oldest, value)
    }
  }
}

function sizeOf(key: string, { rules }: CompiledSchema): number {
  return key.length + rules.length
}

function compileOne({ text, rootRule, place }: SchemaText, steps: number): CompiledSchema {
  const schema: unknown = JSON.parse(text)
  try {
    const limits = { ...DEFAULT_LIMITS, steps }
    const { grammar } = compileSchema(schema, { limits, rootRule, unsaidProperties: 'left out' })
    // What compiles is an object, true or false.
    return { rules: grammar, schema: typeof schema === 'object' && schema !== null ? schema : true }
  } catch (thrown) {
    if (!(thrown instanceof SchemaFault)) throw thrown
    throw mistakeOf(thrown, place)
  }
}

const MAX_POINTER_CHARS = 80

function mistakeOf({ message, pointer }: SchemaFault, place: string): ClientMistake {
  const at = pointer === '' ? '' : ` at ${pointer.slice(0, MAX_POINTER_CHARS)}`
  return new ClientMistake('invalid_value', `${place}: ${message}${at}`, place)
}

/**
 * Compiled grammars, kept by what they were made from: the ones used longest ago leave first.
 *
 * The key is SHA-256 of the schema's text and the options, so a schema is kept as 32 bytes and not
 * as itself. The text is the schema as it came, member order included, because the order of
 * properties is the order in which a model writes them. Refusals are not kept.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { compileSchema, type CompiledGrammar, type CompileOptions } from './compile.ts'
import { SchemaFault } from './limits.ts'

export interface CacheLimits {
  readonly grammars: number
  /** Of all grammars together. */
  readonly bytes: number
  /** A schema's text above this is refused before anything else is done with it. */
  readonly schemaBytes: number
}

export const DEFAULT_CACHE_LIMITS: CacheLimits = {
  grammars: 256,
  bytes: 8 * 1024 * 1024,
  schemaBytes: 512 * 1024,
}

export class GrammarCache {
  readonly #limits: CacheLimits
  /** In the order of their last use. */
  readonly #kept = new Map<string, CompiledGrammar>()
  #bytes = 0

  constructor(limits: CacheLimits = DEFAULT_CACHE_LIMITS) {
    this.#limits = limits
  }

  get size(): { grammars: number; bytes: number } {
    return { grammars: this.#kept.size, bytes: this.#bytes }
  }

  /**
   * The grammar of a schema, compiled when it is not kept.
   *
   * @throws SchemaFault as {@link compileSchema} does.
   */
  grammarOf(schema: unknown, options: CompileOptions = {}): CompiledGrammar {
    const key = this.#keyOf(schema, options)
    const known = this.#kept.get(key)
    if (known !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    const made = compileSchema(schema, options)
    this.#keep(key, made)
    return made
  }

  #keyOf(schema: unknown, options: CompileOptions): string {
    const text = textOf(schema)
    if (text.length > this.#limits.schemaBytes) {
      throw new SchemaFault('', '#', `a schema longer than ${this.#limits.schemaBytes} bytes`)
    }
    const { limits, rootRule, unsaidProperties } = options
    const said = JSON.stringify([limits, rootRule, unsaidProperties])
    return createHash('sha256').update(said).update('\0').update(text).digest('base64')
  }

  #keep(key: string, made: CompiledGrammar): void {
    if (made.grammar.length > this.#limits.bytes) return
    this.#kept.set(key, made)
    this.#bytes += made.grammar.length
    for (const [oldest, { grammar }] of this.#kept) {
      if (this.#kept.size <= this.#limits.grammars && this.#bytes <= this.#limits.bytes) return
      this.#kept.delete(oldest)
      this.#bytes -= grammar.length
    }
  }
}

/** JSON.stringify recurses; a value from JSON.parse may be nested deeper than the stack. */
function textOf(schema: unknown): string {
  try {
    return JSON.stringify([schema])
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaFault('', '#', 'nested too deep')
    throw error
  }
}

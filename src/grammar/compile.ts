/**
 * JSON Schema → GBNF: the grammar that llama.cpp holds a model to.
 *
 * ```
 * compileSchema({ type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] })
 * ```
 *
 * What it gives: a grammar whose every text is JSON, and valid for the schema; docs/spec/grammar.md
 * says keyword by keyword what is honoured, what is narrower than the schema, and what is refused.
 * What it does not give: a grammar that is a little wrong. Whatever is not understood is a fault.
 *
 * @packageDocumentation
 */
import { Budget, DEFAULT_LIMITS, SchemaFault, type GrammarLimits } from './limits.ts'
import type { UnsaidProperties } from './plan.ts'
import { RuleBook } from './rules.ts'
import { parseSchema } from './schema.ts'
import { Shapes } from './shapes.ts'
import { States } from './states.ts'
import { ValueRules } from './value-rules.ts'

export interface CompileOptions {
  readonly limits?: GrammarLimits
  /**
   * Name of the first rule and beginning of every other; `root` when not given. Grammars with
   * different names can be put one behind the other, and a rule of one's own can choose.
   */
  readonly rootRule?: string
  /** `allowed`, as JSON Schema has it, when not given. */
  readonly unsaidProperties?: UnsaidProperties
}

export interface CompiledGrammar {
  /** GBNF in ASCII, rules from the leaves to {@link rootRule}. */
  readonly grammar: string
  readonly rootRule: string
}

/** llama.cpp knows letters, digits and hyphens; a digit behind a hyphen is ours. */
const RULE_NAME = /^[a-z][a-z0-9]{0,31}(-[a-z][a-z0-9]{0,31}){0,3}$/

/**
 * @param schema - A value from JSON.parse; whoever wrote it is a stranger.
 * @throws SchemaFault `GRAMMAR_SCHEMA`, with the keyword and its place.
 */
export function compileSchema(schema: unknown, options: CompileOptions = {}): CompiledGrammar {
  const { limits = DEFAULT_LIMITS, rootRule = 'root', unsaidProperties = 'allowed' } = options
  if (!RULE_NAME.test(rootRule)) throw new TypeError(`not a name of a rule: ${rootRule}`)
  const budget = new Budget(limits)
  const parsed = parseSchema(schema, budget)
  const shapes = new Shapes(parsed, budget)
  const root = shapes.conjunction([parsed.root])
  const states = new States(root, shapes, unsaidProperties)
  if (!states.lives(root)) throw new SchemaFault('', '#', 'no value satisfies the schema')
  const book = new RuleBook(rootRule, budget)
  const rules = new ValueRules(states, shapes, book)
  return { grammar: book.text(rules.symbolOf(root)), rootRule }
}

/** What `response_format: json_object` asks for: an object, whatever is in it. */
export function jsonObjectGrammar(): CompiledGrammar {
  return compileSchema({ type: 'object' })
}

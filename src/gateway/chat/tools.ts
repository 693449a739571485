/**
 * The tools of a request, and which of them the model may or must call.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import type { AnswerForm } from '../../wire/frames.ts'
import { ClientMistake } from '../api-error.ts'
import { parseWith } from './parse.ts'

/** A function as the client has described it; the schema is compiled when the guard has read it. */
export interface ChatTool {
  readonly name: string
  readonly description: string | null
  /** JSON text of the schema, as the client wrote it. */
  readonly parameters: string
  readonly isStrict: boolean
  /** Where it stands in the request. */
  readonly place: string
}

export type CallForm = AnswerForm['calls']

export interface ToolUse {
  /** Those that may be called; none when the client wants none called. */
  readonly tools: readonly ChatTool[]
  readonly calls: CallForm
}

export const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 of A-Z a-z 0-9 _ -')
export const CallIdText = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'expected 1 to 64 characters of ASCII, without spaces')

/** The arguments of a call, as whoever sends it writes them. */
export const ObjectText = z
  .string()
  .meta({ id: 'ObjectText', description: 'The JSON text of one object.' })

const Schema = z.record(z.string(), z.unknown())

const FunctionTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: ToolName,
    description: z.string().nullish(),
    parameters: Schema.nullish(),
    strict: z.boolean().nullish(),
  }),
})

const Named = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({ name: ToolName }),
})
const Allowed = z.strictObject({
  type: z.literal('allowed_tools'),
  allowed_tools: z.strictObject({
    mode: z.enum(['auto', 'required']),
    tools: z.array(z.unknown()).min(1).max(128),
  }),
})
const Mode = z.enum(['none', 'auto', 'required'], {
  error: 'expected none, auto, required, a function or allowed_tools',
})

/** Of the arguments of a tool: an object, also where the schema does not say so. */
export const ArgumentSchema = z
  .looseObject({ type: z.literal('object').optional() })
  .meta({ id: 'ArgumentSchema', description: 'docs/spec/grammar.md says which are supported.' })

/** What the readers below take, each put together: for `/openapi.json`. */
export const ToolList = z
  .array(
    FunctionTool.extend({
      function: FunctionTool.shape.function.extend({ parameters: ArgumentSchema.nullish() }),
    }).meta({ id: 'ChatTool' }),
  )
  .max(128)
  .nullish()
export const ToolChoice = z
  .union([
    Mode,
    Named,
    Allowed.extend({
      allowed_tools: Allowed.shape.allowed_tools.extend({
        tools: z.array(Named).min(1).max(128),
      }),
    }),
  ])
  .nullish()

/** What the three fields of a request say together. */
export interface ToolFields {
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly parallel_tool_calls?: boolean | null | undefined
}

/** @throws ClientMistake, naming the place. */
export function parseToolUse(fields: ToolFields): ToolUse {
  const tools = parseTools(fields.tools)
  const choice = parseChoice(fields.tool_choice, tools)
  if (choice === 'none') return { tools: [], calls: null }
  const atOnce = fields.parallel_tool_calls === false ? 'one' : 'several'
  return { tools: choice.tools, calls: { mode: choice.mode, only: choice.only, atOnce } }
}

/** The value, when it is of type `function`; custom tools are free text, which nothing holds. */
export function functionOf(value: unknown, place: string): unknown {
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'custom') {
    throw new ClientMistake(
      'unsupported_parameter',
      'Only tools of type "function" are supported.',
      `${place}.type`,
    )
  }
  return value
}

function parseTools(value: unknown): ChatTool[] {
  const values = parseWith(z.array(z.unknown()).max(128).nullish(), value, 'tools') ?? []
  const tools = values.map((tool, index) => parseTool(tool, `tools[${index}]`))
  const names = new Set<string>()
  for (const { name, place } of tools) {
    if (names.has(name)) {
      const message = `${place}.function.name: another tool has this name`
      throw new ClientMistake('invalid_value', message, `${place}.function.name`)
    }
    names.add(name)
  }
  return tools
}

function parseTool(value: unknown, place: string): ChatTool {
  const { function: given } = parseWith(FunctionTool, functionOf(value, place), place)
  return {
    name: given.name,
    description: given.description ?? null,
    parameters: JSON.stringify(objectSchema(given.parameters ?? {}, place)),
    isStrict: given.strict === true,
    place,
  }
}

function objectSchema(schema: z.infer<typeof Schema>, place: string): z.infer<typeof Schema> {
  if (schema.type === 'object') return schema
  if (schema.type === undefined) return { type: 'object', ...schema }
  const at = `${place}.function.parameters`
  throw new ClientMistake('invalid_value', `${at}: type must be "object"`, at)
}

interface CallChoice {
  readonly tools: readonly ChatTool[]
  readonly mode: 'may' | 'must'
  readonly only: string | null
}

function parseChoice(value: unknown, tools: readonly ChatTool[]): CallChoice | 'none' {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : null
  if (type === 'function' || type === 'custom') return namedChoice(value, tools)
  if (type === 'allowed_tools') return allowedChoice(value, tools)
  const mode = parseWith(Mode.nullish(), value, 'tool_choice') ?? 'auto'
  if (mode === 'required' && tools.length === 0) throw noSuchTool('tool_choice')
  if (mode === 'none' || tools.length === 0) return 'none'
  return { tools, mode: mode === 'required' ? 'must' : 'may', only: null }
}

function namedChoice(value: unknown, tools: readonly ChatTool[]): CallChoice {
  const { name } = parseWith(Named, functionOf(value, 'tool_choice'), 'tool_choice').function
  if (!tools.some((tool) => tool.name === name)) throw noSuchTool('tool_choice.function.name')
  return { tools, mode: 'must', only: name }
}

function allowedChoice(value: unknown, tools: readonly ChatTool[]): CallChoice {
  const { mode, tools: listed } = parseWith(Allowed, value, 'tool_choice').allowed_tools
  const names = listed.map((tool, index) => {
    const place = `tool_choice.allowed_tools.tools[${index}]`
    const { name } = parseWith(Named, functionOf(tool, place), place).function
    if (!tools.some((known) => known.name === name)) throw noSuchTool(`${place}.function.name`)
    return name
  })
  const allowed = tools.filter(({ name }) => names.includes(name))
  return { tools: allowed, mode: mode === 'required' ? 'must' : 'may', only: null }
}

function noSuchTool(place: string): ClientMistake {
  return new ClientMistake('invalid_value', `${place}: there is no such tool in tools`, place)
}

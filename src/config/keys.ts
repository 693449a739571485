/**
 * Every setting as a row: its key, type, default and reason, read off the schema.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { Fault } from '../errors.ts'
import { Config } from './schema.ts'

export interface SettingRow {
  /** `gateway.maxBodyBytes` */
  readonly key: string
  /** The variable that sets it: `SECURE_LLM_GATEWAY_MAX_BODY_BYTES`. */
  readonly variable: string
  readonly type: string
  readonly default: unknown
  readonly reason: string
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly description?: string
  readonly default?: unknown
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  /** Of a setting that holds rows by name. */
  readonly additionalProperties?: JsonSchema | boolean
}

const schemaOfAll = () =>
  z.toJSONSchema(Config, { io: 'input', unrepresentable: 'any' }) as JsonSchema

let rows: readonly SettingRow[] | undefined

/** In the order of the schema. */
export function listSettings(): readonly SettingRow[] {
  rows ??= rowsOf(schemaOfAll(), [])
  return rows
}

/** What a row of `models` may hold, for the page: these are set together with their row. */
export function listModelSettings(): readonly SettingRow[] {
  return rowsBelow(['models'])
}

/** The same of `guard.profiles`. */
export function listProfileSettings(): readonly SettingRow[] {
  return rowsBelow(['guard', 'profiles'])
}

function rowsBelow(path: readonly string[]): readonly SettingRow[] {
  let schema: JsonSchema | undefined = schemaOfAll()
  for (const name of path) schema = schema?.properties?.[name]
  const row = schema?.additionalProperties
  return typeof row === 'object' ? rowsOf(row, [...path, 'NAME']) : []
}

/** @throws Fault `CONFIG_INVALID` when there is no such setting. */
export function settingNamed(key: string): SettingRow {
  const row = listSettings().find((candidate) => candidate.key === key)
  if (row === undefined) throw new Fault('CONFIG_INVALID', `${key}: there is no such setting`)
  return row
}

function rowsOf(schema: JsonSchema, path: readonly string[]): SettingRow[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      rowsOf(child, [...path, name]),
    )
  }
  const snake = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase())
  return [
    {
      key: path.join('.'),
      variable: `SECURE_LLM_${snake.join('_')}`,
      type: typeOf(schema),
      default: schema.default,
      reason: schema.description ?? '',
    },
  ]
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ')
  if (typeof schema.additionalProperties === 'object') {
    const choice = schema.additionalProperties.enum
    return choice === undefined ? 'name → settings' : `class → ${choice.map(String).join(' | ')}`
  }
  if (schema.type === 'array') return `list of ${schema.items?.type ?? 'text'}`
  if (schema.type !== 'integer') return schema.type === 'string' ? 'text' : (schema.type ?? 'text')
  return `whole number, ${schema.minimum ?? 0} to ${schema.maximum ?? ''}`
}

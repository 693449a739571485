/**
 * The grammar of an answer that calls tools, in a model's own form (`prompt/call-format.ts`).
 *
 * It gives the frame: literals, names, how many. The rules for each tool's arguments are made
 * elsewhere, from the tool's schema, and are put beside these.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { CallFormat } from '../prompt/call-format.ts'

export interface CalledTool {
  readonly name: string
  /** The rule that its arguments begin at, such as `t0-root`. */
  readonly root: string
}

export interface CallLimits {
  readonly atOnce: 'one' | 'several'
  /** The only tool that may be called; null: any. */
  readonly only: string | null
}

/**
 * Pure: GBNF text that begins at the rule `calls-root`; its own rules all begin with `calls-`.
 *
 * @throws Fault `ENGINE_BUG` when no tool is left to call.
 */
export function callGrammar(
  format: CallFormat,
  tools: readonly CalledTool[],
  { atOnce, only }: CallLimits,
): string {
  const called = tools.filter(({ name }) => only === null || name === only)
  if (called.length === 0) throw new Fault('ENGINE_BUG', 'no tool is left to call')
  const names = called.map((_, i) => `calls-${i}`)
  const between = atOnce === 'several' ? format.between : null
  const more = between === null ? '' : `( ${sequence(literal(between), 'calls-call')} )*`
  return [
    rule('calls-root', literal(format.open), 'calls-call', more, literal(format.close)),
    rule('calls-call', names.join(' | ')),
    ...called.map((tool, i) => rule(`calls-${i}`, ...callParts(format, tool))),
    '',
  ].join('\n')
}

function callParts(format: CallFormat, { name, root }: CalledTool): string[] {
  const { beforeName, afterName, afterArguments } = format
  return [literal(beforeName + name + afterName), root, literal(afterArguments)]
}

function rule(name: string, ...parts: string[]): string {
  return `${name} ::= ${sequence(...parts)}`
}

function sequence(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Pure: GBNF's spelling of exactly this text; nothing for an empty one. */
export function literal(text: string): string {
  if (text === '') return ''
  // eslint-disable-next-line no-control-regex -- a literal must not hold them raw
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (sign) => {
    if (sign === '"' || sign === '\\') return `\\${sign}`
    return NAMED[sign] ?? `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `"${escaped}"`
}

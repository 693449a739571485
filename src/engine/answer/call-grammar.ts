/**
 * The grammar of tool calls, as the model's own format wants them.
 *
 * What it gives: GBNF whose rule `calls-root` writes one call or several, with the arguments' rules
 * left to whoever compiled the schemas. What it does not give: those rules (`grammar/`).
 *
 * @packageDocumentation
 */
import type { CallFormat } from '../prompt/call-format.ts'

/** A tool, and the rule at which its arguments begin. */
export interface CallableTool {
  readonly name: string
  readonly root: string
}

/** @param opening - What must still be written before the first name. */
export function callGrammar(
  format: CallFormat,
  tools: readonly CallableTool[],
  opening: string,
): string {
  const { beforeName, afterName, afterArguments, between, close } = format
  const calls = tools.map(({ name, root }) =>
    sequence(literal(name + afterName), root, literal(afterArguments)),
  )
  const more = between === null ? '' : `(${sequence(literal(between + beforeName), 'calls-one')})*`
  return [
    `calls-root ::= ${sequence(literal(opening), 'calls-one', more, literal(close))}`,
    `calls-one ::= ${calls.join(' | ')}`,
  ].join('\n')
}

function sequence(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}

/** A text as GBNF spells it; nothing for an empty one. */
export function literal(text: string): string {
  if (text === '') return ''
  // eslint-disable-next-line no-control-regex -- a literal must not hold them raw
  const spelled = text.replace(/["\\\u0000-\u001f\u007f]/g, (sign) => {
    if (sign === '"' || sign === '\\') return `\\${sign}`
    return NAMED[sign] ?? `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `"${spelled}"`
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

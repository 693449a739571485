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
  const spelled = Array.from(text, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    const code = character.codePointAt(0) ?? 0
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character
  })
  return `"${spelled.join('')}"`
}

/**
 * The arguments of `tojson`, as llama.cpp reads them: `ensure_ascii`, `indent`, `separators`, and
 * `sort_keys`, which neither has.
 *
 * @packageDocumentation
 */
import type { Node, Value } from '@huggingface/jinja'
import { overrun } from './render-budget.ts'
import { arrayIn, booleanIn, integerIn, nodeIn, stringIn, textIn } from './jinja-values.ts'
import { ONE_LINE, type JsonStyle } from './value-text.ts'

const ORDER = ['ensure_ascii', 'indent', 'separators', 'sort_keys']
const MAX_INDENT = 64

/**
 * @param nodes - The arguments as the template wrote them.
 * @param values - Their values, in the same order.
 */
export function jsonStyle(nodes: readonly Node[], values: readonly Value[]): JsonStyle {
  const named = new Map<string, Value>()
  values.forEach((value, i) => {
    const node = nodes[i]
    const key = node?.type === 'KeywordArgumentExpression' ? nodeIn(node, 'key') : undefined
    named.set(key === undefined ? (ORDER[i] ?? '') : textIn(key, 'value'), value)
  })
  const given = named.get('indent')
  const indentSpaces = given === undefined ? null : integerIn(given)
  if (indentSpaces !== null && indentSpaces > MAX_INDENT) {
    throw overrun(`JSON indented by more than ${MAX_INDENT}`)
  }
  const separators = named.get('separators')
  const [item, key] = separators === undefined ? [] : (arrayIn(separators) ?? []).map(stringIn)
  const ascii = named.get('ensure_ascii')
  return {
    indentSpaces,
    betweenItems: item ?? (indentSpaces === null ? ONE_LINE.betweenItems : ','),
    afterKey: key ?? ONE_LINE.afterKey,
    charset: ascii !== undefined && booleanIn(ascii) === true ? 'ascii' : 'unicode',
  }
}

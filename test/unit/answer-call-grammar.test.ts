import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { callGrammar, literal } from '../../src/engine/answer/call-grammar.ts'
import type { CallFormat } from '../../src/engine/prompt/call-format.ts'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import { GENERIC_CALLS } from '../../src/engine/prompt/tool-texts.ts'
import { ToyVocabulary } from '../fixtures/toy-vocabulary.ts'

const TOOLS = [
  { name: 'get_weather', root: 't0-root' },
  { name: 'wait', root: 't1-root' },
]
const several = { atOnce: 'several', only: null } as const
const one = { atOnce: 'one', only: null } as const

/**
 * What the grammar accepts, as a regular expression: enough of GBNF for these rules. Arguments are
 * `{…}` without braces inside.
 */
function acceptedBy(grammar: string): RegExp {
  const rules = new Map(
    grammar
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf('::= ') + 4)]),
  )
  for (const { root } of TOOLS) rules.set(root, String.raw`"{" [^{}]* "}"`)
  const expand = (rule: string): string =>
    rules.get(rule)!.replace(/"(?:[^"\\]|\\.)*"|\[\^\{\}\]|[a-z][a-z0-9-]*| /g, (token) => {
      if (token === ' ' || token === '[^{}]') return token.trim()
      if (!token.startsWith('"')) return `(?:${expand(token)})`
      const text = token
        .slice(1, -1)
        .replace(/\\x([0-9a-f]{2})|\\(.)/g, (_, hex: string | undefined, sign: string) =>
          hex === undefined
            ? ({ n: '\n', r: '\r', t: '\t' }[sign] ?? sign)
            : String.fromCharCode(parseInt(hex, 16)),
        )
      return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    })
  return new RegExp(`^(?:${expand('calls-root')})$`, 's')
}

function written(format: CallFormat, names: readonly string[]): string {
  const { open, beforeName, afterName, afterArguments, between, close } = format
  const calls = names.map((name) => `${beforeName}${name}${afterName}{"a": 1}${afterArguments}`)
  return open + calls.join(between ?? 'NONE') + close
}

test('the text of the grammar', () => {
  expect(callGrammar(GENERIC_CALLS, TOOLS, several)).toBe(
    [
      'calls-root ::= calls-call ( "\\n" calls-call )*',
      'calls-call ::= calls-0 | calls-1',
      'calls-0 ::= "<tool_call>\\n{\\"name\\": \\"get_weather\\", \\"arguments\\": " t0-root "}\\n</tool_call>"',
      'calls-1 ::= "<tool_call>\\n{\\"name\\": \\"wait\\", \\"arguments\\": " t1-root "}\\n</tool_call>"',
      '',
    ].join('\n'),
  )
})

const templates = join(import.meta.dirname, '../vectors/prompt/templates')
const vocabulary = new ToyVocabulary(['<|im_start|>'], [], { bos: '<|im_start|>' })
const formats = readdirSync(templates).map((file): [string, CallFormat] => [
  file,
  new PromptRenderer(readFileSync(join(templates, file), 'utf8'), vocabulary).calls,
])

describe.each(formats)('%s', (_, format) => {
  test('each tool can be called', () => {
    const accepted = acceptedBy(callGrammar(format, TOOLS, one))
    for (const { name } of TOOLS) expect(written(format, [name])).toMatch(accepted)
    expect(written(format, ['other'])).not.toMatch(accepted)
    expect(written(format, ['wait_'])).not.toMatch(accepted)
    expect(written(format, [])).not.toMatch(accepted)
    expect(`${written(format, ['wait'])} and more`).not.toMatch(accepted)
  })

  test('several at once where the form has them, one when only one may be', () => {
    const calls = written(format, ['wait', 'get_weather', 'wait'])
    const isPossible = format.between !== null
    expect(acceptedBy(callGrammar(format, TOOLS, several)).test(calls)).toBe(isPossible)
    expect(calls).not.toMatch(acceptedBy(callGrammar(format, TOOLS, one)))
  })

  test('only the named tool', () => {
    const accepted = acceptedBy(callGrammar(format, TOOLS, { ...several, only: 'wait' }))
    expect(written(format, ['wait'])).toMatch(accepted)
    expect(written(format, ['get_weather'])).not.toMatch(accepted)
  })
})

test('a call of nothing is a bug, not a grammar', () => {
  expect(() => callGrammar(GENERIC_CALLS, TOOLS, { ...one, only: 'other' })).toThrow(/no tool/)
  expect(() => callGrammar(GENERIC_CALLS, [], one)).toThrow(/no tool/)
})

test.each([
  ['', ''],
  ['a"b\\c', String.raw`"a\"b\\c"`],
  ['\n\r\t\u0000\u001b\u007f', String.raw`"\n\r\t\x00\x1b\x7f"`],
  ['[TOOL_CALLS]<｜tool▁sep｜>🙂', '"[TOOL_CALLS]<｜tool▁sep｜>🙂"'],
])('the literal of %j', (text, expected) => {
  expect(literal(text)).toBe(expected)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import { GENERIC_CALLS } from '../../src/engine/prompt/tool-texts.ts'
import { ToyVocabulary } from '../fixtures/toy-vocabulary.ts'

const vocabulary = new ToyVocabulary(
  ['<|im_start|>', '<|im_end|>', '[TOOL_CALLS]', '[ARGS]', '[CALL_ID]', '<|calls|>', '<|call|>'],
  ['<tool_call>', '</tool_call>', '<think>', '</think>'],
  { bos: '<|im_start|>', eos: '<|im_end|>' },
)
const ofFile = (name: string) =>
  new PromptRenderer(
    readFileSync(join(import.meta.dirname, `../vectors/prompt/templates/${name}.jinja`), 'utf8'),
    vocabulary,
  )

/** ChatML that tells tools, and writes each call as given; `before` and `after` around all calls. */
function templateOf(call: string, { before = '', after = '', between = '' } = {}): string {
  return (
    '{%- for t in tools -%}{{- t | tojson -}}{%- endfor -%}' +
    "{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\\n' + m.content -}}{%- if m.tool_calls -%}" +
    `{{- '${before}' -}}{%- for c in m.tool_calls -%}{%- set n = c.function.name -%}{%- set a = c.function.arguments -%}` +
    `${call}{%- if not loop.last -%}{{- '${between}' -}}{%- endif -%}{%- endfor -%}{{- '${after}' -}}` +
    "{%- endif -%}{{- '<|im_end|>\\n' -}}{%- endfor -%}" +
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
  )
}

const formOf = (...given: Parameters<typeof templateOf>) =>
  new PromptRenderer(templateOf(...given), vocabulary).calls

const HERMES = {
  open: '',
  beforeName: '<tool_call>\n{"name": "',
  afterName: '", "arguments": ',
  afterArguments: '}\n</tool_call>',
  between: '\n',
  close: '',
  where: 'anywhere',
}

describe('forms of calls in the templates of the vectors', () => {
  test.each([
    ['chatml', HERMES],
    ['qwen-3', HERMES],
    ['gemma', GENERIC_CALLS],
    ['phi', GENERIC_CALLS],
    [
      'llama-3',
      {
        open: '',
        beforeName: '{"name": "',
        afterName: '", "parameters": ',
        afterArguments: '}',
        between: null,
        close: '',
        where: 'start',
      },
    ],
    [
      'mistral',
      {
        open: '[TOOL_CALLS][',
        beforeName: '{"name": "',
        afterName: '", "arguments": ',
        afterArguments: '}',
        between: ', ',
        close: ']',
        where: 'anywhere',
      },
    ],
    [
      'deepseek',
      {
        open: '<｜tool▁calls▁begin｜>',
        beforeName: '<｜tool▁call▁begin｜>function<｜tool▁sep｜>',
        afterName: '\n```json\n',
        afterArguments: '\n```<｜tool▁call▁end｜>',
        between: '\n',
        close: '<｜tool▁calls▁end｜>',
        where: 'anywhere',
      },
    ],
  ])('%s', (name, expected) => {
    expect(ofFile(name).calls).toEqual(expected)
  })
})

describe('forms of calls', () => {
  test('a name and arguments between tokens, no text between two calls', () => {
    expect(formOf("{{- '[TOOL_CALLS]' + n + '[ARGS]' + (a | tojson) -}}")).toEqual({
      open: '',
      beforeName: '[TOOL_CALLS]',
      afterName: '[ARGS]',
      afterArguments: '',
      between: '',
      close: '',
      where: 'anywhere',
    })
  })

  test('an id between name and arguments becomes a fixed one', () => {
    const call = "{{- '[TOOL_CALLS]' + n + '[CALL_ID]' + c.id + '[ARGS]' + (a | tojson) -}}"
    expect(formOf(call).afterName).toBe('[CALL_ID]call00000[ARGS]')
  })

  test.each([
    `{{- '{"id": "' + c.id + '", "name": "' + n + '", "arguments": ' + (a | tojson) + '}' -}}`,
    `{{- '{"name": "' + n + '", "arguments": ' + (a | tojson) + ', "call_id": "' + c.id + '"}' -}}`,
  ])('an id in a member of its own is left out: %s', (call) => {
    expect(formOf(call, { before: '<|calls|>[', after: ']', between: ', ' })).toMatchObject({
      open: '<|calls|>[',
      beforeName: '{"name": "',
      afterArguments: '}',
      between: ', ',
      close: ']',
    })
  })

  test('tokens that begin alike are not cut', () => {
    const call = "{{- '<|call|>' + n + '[ARGS]' + (a | tojson) -}}"
    const form = formOf(call, { before: '<|calls|>', between: '<|calls|>' })
    expect(form).toMatchObject({ open: '', beforeName: '<|calls|><|call|>', between: '' })
    const other = formOf(call, { before: '<|calls|>', between: '[x|>' })
    expect(other).toMatchObject({ open: '<|calls|>', beforeName: '<|call|>', between: '[x|>' })
  })

  test('a number that counts the calls: only one at once', () => {
    const call = `{{- '<|call|>' + n + ':' + (loop.index0 | string) + '[ARGS]' + (a | tojson) -}}`
    expect(formOf(call)).toMatchObject({ afterName: ':0[ARGS]', between: null })
  })

  test.each([
    "{{- '<|call|>' + (loop.index | string) + ':' + n + '[ARGS]' + (a | tojson) -}}",
    "{{- '<|call|>' + n + '[ARGS]' + (a | tojson) + ':' + (loop.index | string) -}}",
  ])('wherever the number stands: %s', (call) => {
    expect(formOf(call).between).toBeNull()
  })

  test('bare JSON may stand only at the start', () => {
    const call = `{{- '{"name": "' + n + '", "arguments": ' + (a | tojson) + '}' -}}`
    expect(formOf(call).where).toBe('start')
    expect(formOf(call, { before: '[', after: ']', between: ',' }).where).toBe('start')
    expect(formOf(call, { before: '[TOOL_CALLS][', after: ']' }).where).toBe('anywhere')
  })

  test('white space before the first call is left to the model', () => {
    const form = formOf("{{- '\\n<|call|>' + n + '[ARGS]' + (a | tojson) -}}")
    expect(form).toMatchObject({ open: '', beforeName: '<|call|>', between: '\n' })
  })

  test.each([
    [
      'parameters as tags',
      "{{- '<|call|>' + n -}}{%- for k, v in a.items() -%}{{- '<' + k + '>' + v -}}{%- endfor -%}",
    ],
    [
      'Python',
      "{{- '<|call|>' + n + '(' -}}{%- for k, v in a.items() -%}{{- k + '=' + v -}}{%- endfor -%})",
    ],
    ['arguments before the name', "{{- '<|call|>' + (a | tojson) + n -}}"],
    ['JSON in JSON', "{{- '<|call|>' + n + ':' + (a | tojson | tojson) -}}"],
    ['a name twice', "{{- '<|call|>' + n + ':' + n + (a | tojson) -}}"],
    ['nothing before the name', '{{- n + (a | tojson) -}}'],
    ['no name', "{{- '<|call|>' + (a | tojson) -}}"],
    ['calls refused', "{{- raise_exception('no') -}}"],
  ])('%s has no literal form: the generic one', (_, call) => {
    expect(formOf(call)).toEqual(GENERIC_CALLS)
  })
})

describe('thoughts', () => {
  const thoughtsOf = (source: string) => {
    const { thoughts, thinking } = new PromptRenderer(source, vocabulary)
    return { ...thoughts, thinking }
  }
  const chat = (assistant: string, prompt: string) =>
    "{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\\n' -}}{%- if m.role == 'assistant' -%}" +
    `${assistant}{%- endif -%}{{- m.content + '<|im_end|>\\n' -}}{%- endfor -%}` +
    `{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}${prompt}{%- endif -%}`
  const THINK = { open: '<think>', close: '</think>' }

  test.each([
    ['qwen-3', { ...THINK, opensInPrompt: false, thinking: 'optional' }],
    ['deepseek', { ...THINK, opensInPrompt: true, thinking: 'always' }],
    ['chatml', { thinking: 'never' }],
    ['llama-3', { thinking: 'never' }],
  ])('%s', (name, expected) => {
    const { thoughts, thinking } = ofFile(name)
    expect({ ...thoughts, thinking }).toEqual(expected)
  })

  test.each([
    [
      'written in the history, opened in the prompt',
      chat(
        "{%- if m.reasoning_content -%}{{- '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' -}}{%- endif -%}",
        "{{- '<think>\\n' -}}",
      ),
      { ...THINK, opensInPrompt: true, thinking: 'always' },
    ],
    [
      'in tokens of another name',
      chat(
        "{%- if m.reasoning_content -%}{{- '[THINK]' + m.reasoning_content + '[/THINK]' -}}{%- endif -%}",
        '',
      ),
      { open: '[THINK]', close: '[/THINK]', opensInPrompt: false, thinking: 'always' },
    ],
    [
      'only seen in the prompt without one',
      chat('', "{%- if not enable_thinking -%}{{- '<think>\\n\\n</think>\\n' -}}{%- endif -%}"),
      { ...THINK, opensInPrompt: false, thinking: 'optional' },
    ],
    [
      'off by another variable',
      chat(
        '',
        "{%- if thinking is defined and not thinking -%}{{- '<think></think>' -}}{%- else -%}{{- '<think>' -}}{%- endif -%}",
      ),
      { ...THINK, opensInPrompt: true, thinking: 'optional' },
    ],
    ['none', chat('', ''), { thinking: 'never' }],
  ])('%s', (_, source, expected) => {
    expect(thoughtsOf(source)).toEqual(expected)
  })

  test('thinking is off when it is asked for, and as the template has it by default', () => {
    const renderer = ofFile('qwen-3')
    const messages = [{ role: 'user', content: 'Hi' }]
    const end = (thinking: 'default' | 'off') =>
      vocabulary.write(renderer.render({ messages, tools: [], thinking })).slice(-30)
    expect(end('off')).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/)
    expect(end('default')).toMatch(/assistant\n$/)
  })

  test('a model that must think gets as little effort as it knows', () => {
    const source = chat('', "{{- reasoning_effort | default('medium') -}}")
    const messages = [{ role: 'user', content: 'Hi' }]
    const renderer = new PromptRenderer(source, vocabulary)
    const ids = renderer.render({ messages, tools: [], thinking: 'off' })
    expect(vocabulary.write(ids)).toMatch(/assistant\nlow$/)
  })
})

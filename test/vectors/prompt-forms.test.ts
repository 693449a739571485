/**
 * Prompts with tools, earlier calls and thinking are llama-server's, letter for letter, for one
 * template of each form. Made by scripts/prompt-vectors/make-forms.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import {
  TOOL_CONVERSATIONS,
  type ToolConversation,
} from '../../scripts/prompt-vectors/tool-conversations.ts'
import { CONTROL_TOKENS, USER_DEFINED_TOKENS } from '../fixtures/tiny-vocabulary.ts'
import { ToyVocabulary } from '../fixtures/toy-vocabulary.ts'

interface Vector {
  readonly template: string
  readonly name: string
  readonly text: string | null
}

const folder = join(import.meta.dirname, 'prompt')
const { vectors } = JSON.parse(readFileSync(join(folder, 'forms.json'), 'utf8')) as {
  vectors: Vector[]
}
const templates = readdirSync(join(folder, 'templates')).map((file) => file.replace('.jinja', ''))
const vocabulary = new ToyVocabulary([...CONTROL_TOKENS], [...USER_DEFINED_TOKENS], {
  bos: '<|im_start|>',
  eos: '<|im_end|>',
})

/** Where llama-server drops what the template has no place for, and we write it as text. */
const WRITTEN_BY_US: Readonly<Record<string, (conversation: ToolConversation) => boolean>> = {
  deepseek: ({ tools }) => tools.length > 0,
  gemma: usesTools,
  phi: usesTools,
}

function usesTools({ tools, messages }: ToolConversation): boolean {
  return tools.length > 0 || messages.some(({ role, calls }) => role === 'tool' || calls)
}

test('every template has a vector of every conversation', () => {
  expect(templates.length).toBeGreaterThanOrEqual(7)
  expect(vectors).toHaveLength(templates.length * TOOL_CONVERSATIONS.length)
})

describe.each(templates)('%s', (template) => {
  const source = readFileSync(join(folder, 'templates', `${template}.jinja`), 'utf8')
  const renderer = new PromptRenderer(source, vocabulary)
  const expected = new Map(
    vectors.filter((vector) => vector.template === template).map(({ name, text }) => [name, text]),
  )
  const isOurs = WRITTEN_BY_US[template] ?? (() => false)

  test.each(TOOL_CONVERSATIONS.filter((conversation) => !isOurs(conversation)))(
    '$name',
    (conversation) => {
      const text = expected.get(conversation.name)
      expect(text).toBeDefined()
      if (text === null) {
        expect(() => renderer.render(conversation)).toThrow(/refuses these messages/)
      } else {
        expect(vocabulary.write(renderer.render(conversation))).toBe(text)
      }
    },
  )

  test.each(TOOL_CONVERSATIONS.filter(isOurs))('$name: nothing of it is lost', (conversation) => {
    const text = vocabulary.write(renderer.render(conversation))
    const { messages, tools } = conversation
    const words = [
      ...messages.map(({ content }) => content.trim()),
      ...messages.flatMap(({ calls = [] }) => calls.flatMap((call) => [call.name, call.arguments])),
      ...tools.flatMap(({ name, parameters }) => [name, parameters]),
    ]
    for (const word of words) expect(text).toContain(word)
  })
})

/** Whatever the messages say, the special tokens of a prompt are those that the template wrote. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainChat, type ChatInput } from '../../src/engine/prompt/conversation.ts'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import { TINY_TEMPLATE } from '../fixtures/tiny-gguf.ts'
import { ToyVocabulary } from '../fixtures/toy-vocabulary.ts'

const CONTROL = ['<|im_start|>', '<|im_end|>', '<s>', '</s>', '[INST]', '[/INST]', '<|a', 'a|>']
const vocabulary = new ToyVocabulary(CONTROL, ['<think>', '</think>', '<|', '|>', '  '])

const TEMPLATES = {
  chatml: TINY_TEMPLATE,
  trimming: "{% for m in messages %}{{ '[INST]' + (m['content'] | trim) + '[/INST]' }}{% endfor %}",
  bare: "{% for m in messages %}{{ m['content'] }}{% endfor %}</s>",
  thinking:
    "{% for m in messages %}{{ '<|im_start|>' + m['content'].split('</think>')[-1].strip('\\n') + '<|im_end|>' }}{% endfor %}",
  cutting: "{% for m in messages %}<s>{{ m['content'][2:-2] ~ m['content'][::-1] }}{% endfor %}",
}

const piece = fc.oneof(
  fc.constantFrom(...CONTROL, '<think>', '</think>', '<|', '|>', '<', '>', '|', '[', ']', 'INST'),
  fc.constantFrom('im_', 'end', 'start', '/', 's', 'a', '\n', ' ', '\ue000', '\ue001', '\uf8ff'),
  fc.string({ maxLength: 3 }),
)
const content = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
const messages = fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content }), {
  minLength: 1,
  maxLength: 4,
})

test.each(Object.entries(TEMPLATES))('%s', (_, template) => {
  const renderer = new PromptRenderer(template, vocabulary)
  fc.assert(
    fc.property(messages, (given) => {
      const harmless = given.map(({ role }) => ({ role, content: 'zzzz' }))
      const spaces = (specials: string[]) => specials.filter((text) => text.trim() !== '')
      const found = spaces(vocabulary.specials(renderer.render(plainChat(given))))
      expect(found).toEqual(spaces(vocabulary.specials(renderer.render(plainChat(harmless)))))
    }),
    { numRuns: 400 },
  )
})

test('and the text is what the template makes of the messages', () => {
  const renderer = new PromptRenderer(TEMPLATES.bare, vocabulary)
  fc.assert(
    fc.property(messages, (given) => {
      const text = given.map(({ content: words }) => words).join('')
      expect(vocabulary.write(renderer.render(plainChat(given)))).toBe(`${text}</s>`)
    }),
  )
})

const folder = join(import.meta.dirname, '../vectors/prompt/templates')
const FORMS = readdirSync(folder).map((file): [string, string] => [
  file,
  readFileSync(join(folder, file), 'utf8'),
])
const TAGS = /<[|｜]?[a-z_▁|｜A-Z]{2,32}>|\[\/?[A-Z_]{2,32}\]/g

/** Every special token that a form writes, and more: a part of one, one in another, one of braces. */
function vocabularyOf(source: string): ToyVocabulary {
  const tags = [...source.matchAll(TAGS)].map(([tag]) => tag)
  const control = [...new Set([...CONTROL, ...tags, '[TOOL_CALLS]', '<|tool', '": "', '{"name'])]
  return new ToyVocabulary(control, ['<think>', '</think>', '"}', '": [', '\\n', 'name'], {
    bos: '<s>',
    eos: '</s>',
  })
}

/** JSON of strangers' words in every place; no digits, and not the names that forms ask for. */
const json = (word: fc.Arbitrary<string>) =>
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      word,
      fc.constantFrom(null, true, 1.5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 3 }),
    ),
  })).value

const word = (source: string) => {
  const tags = [...source.matchAll(TAGS)].map(([tag]) => tag)
  const part = fc.oneof(piece, fc.constantFrom('"', '\\', '{', '}', '": "', 'name', 'n', ...tags))
  return fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
}

/** The same conversation, every word of it and every JSON text harmless. */
function harmlessOf({ messages: given, tools, thinking }: ChatInput): ChatInput {
  return {
    messages: given.map(({ calls, ...message }) => ({
      ...message,
      content: message.content === '' ? '' : 'zz',
      ...(message.callId === undefined ? {} : { callId: 'z'.repeat(9) }),
      ...(calls === undefined
        ? {}
        : {
            calls: calls.map(() => ({ id: 'z'.repeat(9), name: 'zz', arguments: '{"zz":"zz"}' })),
          }),
    })),
    tools: tools.map(() => ({ name: 'zz', description: 'zz', parameters: '{"zz":"zz"}' })),
    thinking,
  }
}

/** Of the tokens that the template writes once for each thing, whatever is in it. */
const BRACES = ['"}', '": [', '": "', '{"name', 'name', '\\n']

describe('tools, calls and results forge nothing', () => {
  test.each(FORMS)('%s', (_, source) => {
    const forms = vocabularyOf(source)
    const renderer = new PromptRenderer(source, forms)
    const words = word(source)
    const object = fc
      .dictionary(words, json(words), { maxKeys: 3 })
      .map((made) => JSON.stringify(made))
    const id = words.map((text) => text.padEnd(9, 'z').slice(0, 9))
    const chat = fc
      .record({
        texts: fc.array(words, { minLength: 4, maxLength: 4 }),
        name: words,
        id,
        object,
        tool: object,
      })
      .map(({ texts, name, id: called, object: given, tool }): ChatInput => {
        const [asked = '', said = '', result = '', description = ''] = texts.map(
          (text) => `a${text}b`,
        )
        return {
          messages: [
            { role: 'user', content: asked },
            {
              role: 'assistant',
              // Words beside a call are cut at a thought; that is the template's own affair.
              content: said.includes('think>') ? '' : said,
              calls: [{ id: called, name, arguments: given }],
            },
            { role: 'tool', content: result, callId: called },
          ],
          tools: [{ name, description, parameters: tool }],
          thinking: 'default',
        }
      })
    const own = (ids: Uint32Array) =>
      forms.specials(ids).filter((text) => !BRACES.includes(text) && text.trim() !== '')
    fc.assert(
      fc.property(chat, (given) => {
        expect(own(renderer.render(given))).toEqual(own(renderer.render(harmlessOf(given))))
      }),
      { numRuns: 150 },
    )
  })
})

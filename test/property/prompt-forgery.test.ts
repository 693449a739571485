/** Whatever the messages say, the special tokens of a prompt are those that the template wrote. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainChat } from '../../src/engine/prompt/conversation.ts'
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

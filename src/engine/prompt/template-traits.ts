/**
 * What a template can show and how it wants it, found by rendering trial conversations.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { findCallFormat, takesObjects, type CallFormat, type Write } from './call-format.ts'
import { messagesValue, toolsValue, type Message, type Shape, type Tool } from './conversation.ts'
import { Disguise } from './disguise.ts'
import type { SpecialSpellings } from './special-spellings.ts'
import type { ChatTemplate, Settings, TemplateWords } from './template.ts'
import { findThoughts, type ThoughtFormat } from './thought-format.ts'
import { GENERIC_CALLS, type TextForms } from './tool-texts.ts'
import { WORDS } from './trial-text.ts'

/** `always`: a model that thinks and cannot be told not to. */
export type Thinking = 'never' | 'optional' | 'always'

export interface Traits {
  readonly shape: Shape
  readonly forms: TextForms
  readonly calls: CallFormat
  readonly thoughts: ThoughtFormat | null
  readonly thinking: Thinking
  /** Variables that turn thinking off. */
  readonly off: Settings
}

const STEP_FUN = 'You have access to the following functions in JSONSchema format'

/** How templates name it; all get the first, as from llama.cpp. */
const OFF: Settings = { enable_thinking: false }
const OTHER_OFF: readonly Settings[] = [
  { thinking: false },
  { thinking_mode: 'disabled' },
  { thinking_option: 'off' },
  { thinking_budget: 0 },
]
/** For those that cannot do without. */
const LESS: Settings = { reasoning_effort: 'low' }

const NO_DISGUISE = new Disguise([], [])
const user = (content: string): Message => ({ role: 'user', content })
const assistant = (content: string): Message => ({ role: 'assistant', content })

const TOOLS: readonly Tool[] = [WORDS.firstName, WORDS.secondName, WORDS.thirdName].map((name) => ({
  name,
  description: 'Does it.',
  parameters: '{"type": "object", "properties": {"size": {"type": "number"}}}',
}))

/** @throws Fault `ENGINE_TEMPLATE` when it leaves out what the user says. */
export function findTraits(
  template: ChatTemplate,
  words: TemplateWords,
  spellings: SpecialSpellings,
): Traits {
  const trial = new Trial(template, words)
  const shape = trial.findShape()
  const tools = trial.findTools(shape, spellings)
  return { ...tools, ...trial.findThinking(shape, spellings) }
}

class Trial {
  readonly #template: ChatTemplate
  readonly #words: TemplateWords

  constructor(template: ChatTemplate, words: TemplateWords) {
    this.#template = template
    this.#words = words
  }

  findShape(): Shape {
    const { source } = this.#template
    const basic: Shape = {
      takesSystem: true,
      wantsParts: false,
      // llama.cpp tells these two families by the same texts (chat.cpp).
      knowsDeveloper: source.includes('<|channel|>'),
      wantsTrimmed: source.includes(STEP_FUN),
      callArguments: 'object',
    }
    const asked = [user(WORDS.asked)]
    const wantsParts = !this.#shows(WORDS.asked, basic, asked)
    const shape = { ...basic, wantsParts }
    if (wantsParts && !this.#shows(WORDS.asked, shape, asked)) {
      throw new Fault('ENGINE_TEMPLATE', 'the chat template leaves out what the user says')
    }
    const told = [{ role: 'system', content: WORDS.said }, ...asked]
    const takesSystem = this.#shows(WORDS.said, shape, told)
    return { ...shape, takesSystem }
  }

  /** Its own form only when a grammar can be made of it; else all about tools is text. */
  findTools(
    shape: Shape,
    spellings: SpecialSpellings,
  ): { shape: Shape; forms: TextForms; calls: CallFormat } {
    const tellsTools = this.#write(shape, TOOLS)([user(WORDS.asked)], 'asked')
    const tools = tellsTools?.includes(WORDS.firstName) === true ? 'template' : 'text'
    for (const callArguments of ['object', 'text'] as const) {
      const tried = { ...shape, callArguments }
      const write = this.#write(tried, TOOLS)
      const found = findCallFormat(write, spellings)
      if (found !== null) {
        const results = this.#results(tried, 'template')
        return { shape: tried, forms: { tools, calls: 'template', results }, calls: found }
      }
      // It takes objects, and writes them in a form of its own.
      if (takesObjects(write)) break
    }
    const results = this.#results(shape, 'text')
    return { shape, forms: { tools: 'text', calls: 'text', results }, calls: GENERIC_CALLS }
  }

  #results(shape: Shape, calls: 'template' | 'text'): 'template' | 'text' {
    const call = { id: WORDS.firstId, name: WORDS.firstName, arguments: '{}' }
    const called = calls === 'text' ? assistant(WORDS.said) : { ...assistant(''), calls: [call] }
    const result = { role: 'tool', content: WORDS.result, callId: WORDS.firstId }
    const tools = calls === 'text' ? [] : TOOLS
    const text = this.#write(shape, tools)([user(WORDS.asked), called, result], 'asked')
    return text?.includes(WORDS.result) === true ? 'template' : 'text'
  }

  findThinking(
    shape: Shape,
    spellings: SpecialSpellings,
  ): { thoughts: ThoughtFormat | null; thinking: Thinking; off: Settings } {
    const asks = (settings: Settings) =>
      this.#write(shape, [], settings)([user(WORDS.asked)], 'asked')
    const byDefault = asks({})
    const changes = (settings: Settings) => {
      const text = asks({ ...OFF, ...settings })
      return text !== null && text !== byDefault
    }
    const more = changes({}) ? {} : OTHER_OFF.find(changes)
    const off = { ...OFF, ...(more ?? LESS) }
    const prompts = { byDefault, off: asks(off), source: this.#template.source }
    const thoughts = findThoughts(this.#write(shape, []), prompts, spellings)
    if (thoughts === null) return { thoughts, thinking: 'never', off }
    const isClosed = (byDefault ?? '').trimEnd().endsWith(thoughts.close)
    return { thoughts, thinking: more === undefined && !isClosed ? 'always' : 'optional', off }
  }

  /** Whether the word comes out of the template. */
  #shows(word: string, shape: Shape, messages: readonly Message[]): boolean {
    return this.#write(shape, [])(messages, 'asked')?.includes(word) === true
  }

  #write(shape: Shape, tools: readonly Tool[], settings: Settings = {}): Write {
    const plain = (text: string) => text
    return (messages, ends) => {
      const input = {
        messages: messagesValue(messages, shape, plain),
        tools: tools.length === 0 ? null : toolsValue(tools, plain),
        ends,
        settings,
      }
      try {
        return this.#template.render(input, this.#words, NO_DISGUISE)
      } catch (thrown) {
        if (thrown instanceof Fault) return null
        throw thrown
      }
    }
  }
}

/**
 * A model's own chat template: parsed once, rendered for each request.
 *
 * It gives the text that llama.cpp renders for the same messages, up to what the Jinja library
 * lacks. It does not tokenise, and knows of disguises only that they are put on what is given.
 *
 * @packageDocumentation
 */
import { Environment, parse, tokenize, type Value } from '@huggingface/jinja'
import { Fault, reasonOf } from '../../errors.ts'
import { formatTime } from './template-time.ts'
import type { Disguise } from './disguise.ts'
import { BoundedInterpreter } from './interpreter.ts'
import { arrayIn, stringIn } from './jinja-values.ts'
import { overrun, RENDER_LIMITS } from './render-budget.ts'

/** What is rendered; everything a stranger wrote in it is disguised. */
export interface TemplateInput {
  readonly messages: Value
  /** null: none, the variable is not defined. */
  readonly tools: Value | null
  /** `asked`: up to where the answer begins; `told`: the messages alone. */
  readonly ends: 'asked' | 'told'
  /** More variables, or others than the usual ones. */
  readonly settings: Settings
}

export type Settings = Readonly<Record<string, boolean | number | string>>

const MAX_TEMPLATE_CHARS = 65_536
const MAX_MESSAGES = 2048
/** The lexer's own expressions are quadratic in a run of white space. */
const LONG_GAP = /\s{512}/

/** Of the vocabulary. */
export interface TemplateWords {
  readonly bos: string
  readonly eos: string
}

/** A template's `raise_exception`; its text may hold parts of a message, so it is not passed on. */
class Refused extends Error {}

function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [first, last] = stop === undefined ? [0, start] : [start, stop]
  const count = Math.max(0, Math.ceil((last - first) / step))
  if (!(count <= RENDER_LIMITS.rangeItems)) {
    throw overrun(`a range of more than ${RENDER_LIMITS.rangeItems}`)
  }
  return Array.from({ length: count }, (_, i) => first + i * step)
}

const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: boundedRange,
  raise_exception: () => {
    throw new Refused()
  },
  strftime_now: (format: unknown) => formatTime(new Date(), String(format)),
}

export class ChatTemplate {
  readonly source: string
  readonly #program: ReturnType<typeof parse>

  /** @throws Fault `ENGINE_TEMPLATE` when it is too long or is not Jinja. */
  constructor(source: string) {
    if (source.length > MAX_TEMPLATE_CHARS || LONG_GAP.test(source)) {
      throw new Fault(
        'ENGINE_TEMPLATE',
        `the chat template has ${source.length} characters or a gap of more than 512, at most ${MAX_TEMPLATE_CHARS} may be`,
      )
    }
    this.source = source
    try {
      this.#program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
    } catch (thrown) {
      throw new Fault('ENGINE_TEMPLATE', `the chat template is not Jinja: ${reasonOf(thrown)}`)
    }
  }

  /**
   * The text of the prompt.
   *
   * @throws Fault `ENGINE_TEMPLATE` when the template refuses the messages, fails on them, or costs
   * more than a rendering may; never with a part of a message in it.
   */
  render(input: TemplateInput, words: TemplateWords, disguise: Disguise): string {
    const count = arrayIn(input.messages)?.length ?? 0
    if (count > MAX_MESSAGES) {
      throw new Fault('ENGINE_TEMPLATE', `${count} messages, ${MAX_MESSAGES} may be`)
    }
    const environment = new Environment()
    const variables = {
      ...GLOBALS,
      add_generation_prompt: input.ends === 'asked',
      enable_thinking: true,
      bos_token: words.bos,
      eos_token: words.eos,
      // Llama 3's templates show a date of 2024 without them; llama.cpp gives them today's.
      date_string: formatTime(new Date(), '%d %b %Y'),
      datetime: formatTime(new Date(), '%b %d %Y'),
      ...input.settings,
    }
    for (const [name, value] of Object.entries(variables)) environment.set(name, value)
    environment.setVariable('messages', input.messages)
    if (input.tools !== null) environment.setVariable('tools', input.tools)
    try {
      const interpreter = new BoundedInterpreter(environment, disguise)
      return stringIn(interpreter.run(this.#program)) ?? ''
    } catch (thrown) {
      throw asFault(thrown)
    }
  }
}

/** A thrown text may quote a message; its kind does not. */
function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const why =
    thrown instanceof Refused
      ? 'refuses these messages'
      : `fails on these messages (${thrown instanceof Error ? thrown.name : 'unknown'})`
  return new Fault('ENGINE_TEMPLATE', `the chat template ${why}`)
}

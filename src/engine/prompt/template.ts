/**
 * The model's own chat template, rendered with strangers' text kept apart from its words.
 *
 * Each content is rendered as a random placeholder and found again in the result, so that the
 * template's words and the strangers' are known piece by piece. A template that looks at the
 * contents (trims them, cuts out old thoughts) must give the same text both ways; where it trims,
 * the trimmed content is put in; where it does anything else, the content goes in as it came,
 * because knowing who wrote what is worth more than an equal rendering.
 *
 * What it does not give: safety from a template that never ends. The trial load has a time limit,
 * and the engine process has nothing to lose.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { Environment, Interpreter, parse, tokenize, type Program } from '@huggingface/jinja'
import { Fault, reasonOf } from '../../errors.ts'

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** Whose words a piece of the rendered prompt is. */
export interface Piece {
  readonly by: 'template' | 'stranger'
  readonly text: string
}

const MAX_TEMPLATE_CHARS = 262_144
const MAX_RENDERED_CHARS = 33_554_432
/** No conversation is longer, and V8 dies of a list of 300 million. */
const MAX_RANGE = 100_000

/** The library's own globals, less the clock, and with a bound on `range`. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range: boundedRange,
  raise_exception: (why: unknown) => {
    throw new Error(String(why))
  },
  // A clock would give the same messages other tokens tomorrow.
  strftime_now: () => '',
}

export class ChatTemplate {
  readonly #program: Program
  readonly #names: Readonly<Record<string, unknown>>

  /** @throws Fault `ENGINE_MODEL_INVALID` when the template cannot be read. */
  constructor(source: string, tokens: { readonly bos: string; readonly eos: string }) {
    if (source.length > MAX_TEMPLATE_CHARS) {
      throw new Fault(
        'ENGINE_MODEL_INVALID',
        `the chat template has ${source.length} characters, ${MAX_TEMPLATE_CHARS} are allowed`,
      )
    }
    try {
      this.#program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
    } catch (cause) {
      // The library's words may quote the template, so they stay in the cause.
      throw new Fault('ENGINE_MODEL_INVALID', 'the chat template cannot be parsed', { cause })
    }
    this.#names = {
      bos_token: tokens.bos,
      eos_token: tokens.eos,
      add_generation_prompt: true,
    }
  }

  /** @throws Fault `ENGINE_TEMPLATE` when the template refuses these messages. */
  render(messages: readonly ChatMessage[]): Piece[] {
    const marks = messages.map(() => `x${randomBytes(16).toString('hex')}x`)
    const marked = this.#run(messages.map(({ role }, i) => ({ role, content: marks[i] ?? '' })))
    const contents = messages.map(({ content }) => content)
    const true_ = this.#run(messages)
    const forms = [contents, contents.map((content) => content.trim())]
    const form = forms.find((texts) => putIn(marked, marks, texts) === true_) ?? contents
    return piecesOf(marked, marks, form)
  }

  #run(messages: readonly ChatMessage[]): string {
    let text: string
    try {
      const environment = new Environment()
      for (const [name, value] of Object.entries(GLOBALS)) environment.set(name, value)
      for (const [name, value] of Object.entries(this.#names)) environment.set(name, value)
      environment.set('messages', messages)
      text = String(new Interpreter(environment).run(this.#program).value)
    } catch (cause) {
      const why = `the chat template refused ${messages.length} messages`
      throw new Fault('ENGINE_TEMPLATE', why, { cause: reasonOf(cause) })
    }
    if (text.length <= MAX_RENDERED_CHARS) return text
    throw new Fault('ENGINE_TEMPLATE', `the prompt has ${text.length} characters`)
  }
}

function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  const length = Math.max(0, Math.ceil((to - from) / step))
  if (!(length <= MAX_RANGE)) throw new Error(`range() of ${length}`)
  return Array.from({ length }, (_, i) => from + i * step)
}

function piecesOf(marked: string, marks: readonly string[], contents: readonly string[]): Piece[] {
  const pieces: Piece[] = []
  const contentOf = new Map(marks.map((mark, i) => [mark, contents[i] ?? '']))
  let at = 0
  for (const match of marked.matchAll(/x[0-9a-f]{32}x/g)) {
    const content = contentOf.get(match[0])
    if (content === undefined) continue
    pieces.push({ by: 'template', text: marked.slice(at, match.index) })
    pieces.push({ by: 'stranger', text: content })
    at = match.index + match[0].length
  }
  pieces.push({ by: 'template', text: marked.slice(at) })
  return pieces
}

function putIn(marked: string, marks: readonly string[], contents: readonly string[]): string {
  return piecesOf(marked, marks, contents)
    .map(({ text }) => text)
    .join('')
}

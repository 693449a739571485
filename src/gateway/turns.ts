/**
 * The turns of a conversation, put together from protocols that send them in smaller pieces.
 *
 * What it gives: calls of one answer joined to its text, as templates expect them; results that
 * answer a call which was made; texts without half characters. What it does not give: any judgement
 * of a text; that is the guard's.
 *
 * @packageDocumentation
 */
import type { JobMessage } from '../wire/frames.ts'
import { ClientMistake } from './api-error.ts'
import { jsonObjectText } from './chat/json-text.ts'
import { parseWith } from './chat/parse.ts'
import { CallIdText, ToolName } from './chat/tools.ts'

export interface TurnCall {
  readonly id: string
  readonly name: string
  /** JSON text of one object. */
  readonly arguments: string
}

const MAX_CALLS = 128

export class Turns {
  readonly #messages: JobMessage[] = []
  readonly #called = new Set<string>()

  get messages(): readonly JobMessage[] {
    return this.#messages
  }

  say(role: 'system' | 'developer' | 'user' | 'assistant', text: string): void {
    this.#messages.push({ role, content: text.toWellFormed() })
  }

  /**
   * A call belongs to the answer before it, if there is one.
   *
   * @throws ClientMistake
   */
  call(call: TurnCall, place: string): void {
    checkCall(call, place)
    if (this.#called.has(call.id)) throw wrong(`${place}: two calls have this id`, place)
    this.#called.add(call.id)
    const last = this.#messages.at(-1)
    const kept = { ...call, arguments: call.arguments.toWellFormed() }
    if (last?.role !== 'assistant') {
      this.#messages.push({ role: 'assistant', content: '', calls: [kept] })
      return
    }
    const calls = [...(last.calls ?? []), kept]
    if (calls.length > MAX_CALLS)
      throw wrong(`${place}: more than ${MAX_CALLS} calls at once`, place)
    this.#messages.splice(-1, 1, { ...last, calls })
  }

  /** @throws ClientMistake for a result of a call that was not made. */
  result(callId: string, text: string, place: string): void {
    if (!this.#called.has(callId)) {
      throw wrong(`${place}: no call before it has this id`, place)
    }
    this.#messages.push({ role: 'tool', content: text.toWellFormed(), callId })
  }
}

function checkCall(call: TurnCall, place: string): void {
  parseWith(CallIdText, call.id, place)
  parseWith(ToolName, call.name, `${place}.name`)
  jsonObjectText(call.arguments, place)
}

function wrong(message: string, place: string): ClientMistake {
  return new ClientMistake('invalid_value', message, place)
}

/** Parts of a content that are no text, in any of the protocols. */
const OTHER_PARTS = [
  'image',
  'image_url',
  'input_image',
  'input_audio',
  'input_file',
  'computer_screenshot',
  'document',
  'search_result',
  'video_url',
  'file',
]

/** @throws ClientMistake `unsupported_parameter` for a part that this server cannot read. */
export function refuseOtherParts(type: unknown, place: string): void {
  if (typeof type !== 'string' || !OTHER_PARTS.includes(type)) return
  const message = `${place}: only text is supported; no images, sound or files`
  throw new ClientMistake('unsupported_parameter', message, place)
}

export function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
}

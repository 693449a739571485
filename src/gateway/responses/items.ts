/**
 * The items of a response as they grow, each with the events that tell of it.
 *
 * What it gives: OpenAI's order of events for every kind of item: added, its deltas, done. What it
 * does not give: sequence numbers, and which item comes next; writer.ts has those.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import type { TokenEntry } from '../chat/token-track.ts'
import { toldChance, type ToldChance } from '../token-text.ts'

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'
export interface ItemEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** One item of the output, from its first event to its last. */
export interface OutputItem {
  readonly kind: 'message' | 'reasoning' | 'function_call'
  readonly opened: () => readonly ItemEvent[]
  readonly grow: (text: string, tokens: readonly TokenEntry[] | null) => ItemEvent
  readonly closed: (status: ItemStatus) => readonly ItemEvent[]
  /** As it is in the output. */
  readonly object: (status: ItemStatus) => object
}

export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`
}

export function messageItem(index: number): OutputItem {
  const id = newId('msg')
  const logprobs: ToldChance[] = []
  let text = ''
  const part = () => ({ type: 'output_text', text, annotations: [], logprobs: [...logprobs] })
  const place = { item_id: id, output_index: index, content_index: 0 }
  const object = (status: ItemStatus) => ({
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: status === 'in_progress' ? [] : [part()],
  })
  return {
    kind: 'message',
    object,
    opened: () => [
      added(index, object('in_progress')),
      { type: 'response.content_part.added', ...place, part: part() },
    ],
    grow: (delta, tokens) => {
      const told = (tokens ?? []).map(toldChance)
      text += delta
      logprobs.push(...told)
      return { type: 'response.output_text.delta', ...place, delta, logprobs: told }
    },
    closed: (status) => [
      { type: 'response.output_text.done', ...place, text, logprobs: [...logprobs] },
      { type: 'response.content_part.done', ...place, part: part() },
      done(index, object(status)),
    ],
  }
}

export function reasoningItem(index: number): OutputItem {
  const id = newId('rs')
  let text = ''
  const part = () => ({ type: 'reasoning_text', text })
  const place = { item_id: id, output_index: index, content_index: 0 }
  const object = (status: ItemStatus) => ({
    id,
    type: 'reasoning',
    status,
    summary: [],
    content: status === 'in_progress' ? [] : [part()],
  })
  return {
    kind: 'reasoning',
    object,
    opened: () => [
      added(index, object('in_progress')),
      { type: 'response.content_part.added', ...place, part: part() },
    ],
    grow: (delta) => {
      text += delta
      return { type: 'response.reasoning_text.delta', ...place, delta }
    },
    closed: (status) => [
      { type: 'response.reasoning_text.done', ...place, text },
      { type: 'response.content_part.done', ...place, part: part() },
      done(index, object(status)),
    ],
  }
}

export function callItem(index: number, name: string): OutputItem {
  const id = newId('fc')
  const callId = newId('call')
  let text = ''
  const place = { item_id: id, output_index: index }
  const object = (status: ItemStatus) => ({
    id,
    type: 'function_call',
    status,
    call_id: callId,
    name,
    arguments: text,
  })
  return {
    kind: 'function_call',
    object,
    opened: () => [added(index, object('in_progress'))],
    grow: (delta) => {
      text += delta
      return { type: 'response.function_call_arguments.delta', ...place, delta }
    },
    closed: (status) => [
      { type: 'response.function_call_arguments.done', ...place, name, arguments: text },
      done(index, object(status)),
    ],
  }
}

function added(index: number, item: object): ItemEvent {
  return { type: 'response.output_item.added', output_index: index, item }
}

function done(index: number, item: object): ItemEvent {
  return { type: 'response.output_item.done', output_index: index, item }
}

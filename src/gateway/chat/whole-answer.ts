/**
 * The parts of an answer, put together into OpenAI's one object.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import { callId, logprobsOf, objectHead, usageObject, type AnswerHead } from './answers.ts'
import type { ChoicePart, Finish } from './choice-filter.ts'
import { annotated } from './findings.ts'
import type { AnswerPart } from './generation.ts'
import type { TokenEntry } from './token-track.ts'

interface WholeChoice {
  content: string
  thought: string
  /** null: nobody asked for them. */
  tokens: TokenEntry[] | null
  readonly calls: { readonly name: string; arguments: string }[]
  finish: Finish
}

/** @param choices - How many were asked for. */
export async function wholeAnswer(
  parts: AsyncIterable<AnswerPart>,
  head: AnswerHead,
  choices: number,
): Promise<object> {
  const wholes = Array.from({ length: choices }, newChoice)
  for await (const part of parts) {
    if (part.kind === 'end') {
      return {
        ...objectHead(head, 'chat.completion'),
        choices: wholes.map(choiceObject),
        usage: usageObject(part.usage),
        ...annotated(part.annotation),
      }
    }
    if (part.kind === 'started' || part.kind === 'prompt') continue
    const whole = wholes[part.choice]
    if (whole !== undefined) addPart(whole, part)
  }
  throw new Fault('ENGINE_BUG', 'the answer has no end')
}

function newChoice(): WholeChoice {
  return { content: '', thought: '', tokens: null, calls: [], finish: 'stop' }
}

function addPart(whole: WholeChoice, part: ChoicePart): void {
  if (part.kind === 'finish') whole.finish = part.finish
  else if (part.kind === 'call') whole.calls.push({ name: part.name, arguments: '' })
  else if (part.kind === 'arguments') {
    const call = whole.calls[part.call]
    if (call !== undefined) call.arguments += part.text
  } else if (part.part === 'thought') whole.thought += part.text
  else {
    whole.content += part.text
    if (part.tokens !== null) (whole.tokens ??= []).push(...part.tokens)
  }
}

function choiceObject({ content, thought, tokens, calls, finish }: WholeChoice, index: number) {
  const message = {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    refusal: null,
    annotations: [],
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(callObject) }),
  }
  return { index, message, logprobs: logprobsOf(tokens), finish_reason: finish }
}

function callObject(called: { readonly name: string; readonly arguments: string }) {
  return { id: callId(), type: 'function', function: called }
}

/**
 * Several prompts of one request, one after the other, as the parts of one answer.
 *
 * What it gives: choices numbered prompt by prompt; every prompt read by the guard before the first
 * is answered. Token ids are read as their text; ids cannot be cleaned, so where the guard would
 * take something out of that text, the request is refused.
 *
 * @packageDocumentation
 */
import {
  inspected,
  refusalOf,
  subjectOf,
  type AnsweringParts,
  type Caller,
} from '../chat/beginning.ts'
import { NO_TALLY, refusedEvent, type RequestSubject } from '../chat/events.ts'
import { generate, type AnswerPart, type Usage } from '../chat/generation.ts'
import type { Engine, JobOrder } from '../engine-link.ts'
import { findEngine } from '../engines.ts'
import type { Finding } from '../guard-port.ts'
import { textOf } from '../tokens/asking.ts'
import type { CompletionRequest, Prompt } from './request.ts'

interface GuardedPrompt {
  readonly input: JobOrder['input']
  readonly findings: readonly Finding[]
}

/** @throws Fault, ClientMistake, or Cancelled after the signal. */
export async function* generateAll(
  completion: CompletionRequest,
  model: string,
  caller: Caller,
  parts: AnsweringParts,
): AsyncGenerator<AnswerPart> {
  const subject = subjectOf(caller.request, model)
  const place = { caller, parts, subject, engine: findEngine(parts.engines, model) }
  const guarded: GuardedPrompt[] = []
  for (const prompt of completion.prompts) {
    guarded.push(await guardedPrompt(prompt, completion, place))
  }
  let usage: Usage = NO_TALLY
  for (const [index, prompt] of guarded.entries()) {
    const from = index * completion.choices
    for await (const part of generateOne(prompt, completion, place)) {
      if (part.kind === 'end') usage = sum(usage, part.usage)
      else yield* shifted(part, from, completion.choices)
    }
  }
  yield { kind: 'end', usage }
}

interface Place {
  readonly caller: Caller
  readonly parts: AnsweringParts
  readonly subject: RequestSubject
  readonly engine: Engine
}

async function guardedPrompt(
  prompt: Prompt,
  { suffix }: CompletionRequest,
  { caller, parts, subject, engine }: Place,
): Promise<GuardedPrompt> {
  const { keeper, guard } = parts
  const text = prompt.kind === 'text' ? prompt.text : await textOf(engine, prompt.ids)
  const texts = [text, ...(suffix === null ? [] : [suffix])].map((content) => ({ content }))
  const promptChars = texts.reduce((chars, { content }) => chars + content.length, 0)
  const size = { messages: 1, promptChars, tools: 0, choices: 1 }
  const place = { keeper, guard, reply: caller.reply, size }
  const { messages, findings } = inspected(texts, subject, place)
  const [first, second] = messages
  if (prompt.kind === 'text') {
    const kept = { text: first?.content ?? '', suffix: second?.content ?? null }
    return { input: { kind: 'text', ...kept }, findings }
  }
  if (first?.content !== text.normalize('NFC')) {
    keeper.record(refusedEvent(subject, size, findings))
    throw refusalOf(findings)
  }
  return { input: { kind: 'ids', ids: [...prompt.ids] }, findings }
}

function generateOne(
  { input, findings }: GuardedPrompt,
  completion: CompletionRequest,
  { caller, parts, subject, engine }: Place,
): AsyncGenerator<AnswerPart> {
  const { keeper, guard } = parts
  const order: JobOrder = {
    client: subject.clientId,
    input,
    choices: completion.choices,
    maxTokens: completion.maxTokens,
    sampling: completion.sampling,
    stop: [...completion.stop],
    form: { rules: null, calls: null },
    topLogprobs: completion.logprobs,
    echo: completion.echo === 'prompt' ? 'tokens' : 'none',
    prefix: 'reuse',
    cuts: completion.cuts,
  }
  return generate({
    engine,
    keeper,
    guard,
    subject,
    order,
    inputFindings: findings,
    signal: caller.signal,
    onJob: (job) => {
      caller.request.work = job.settled
    },
  })
}

/** An echoed prompt is the beginning of each of its choices. */
function* shifted(part: AnswerPart, from: number, choices: number): Generator<AnswerPart> {
  if (part.kind === 'prompt') {
    const { text, tokens } = part
    for (let choice = from; choice < from + choices; choice++) {
      yield { kind: 'text', choice, part: 'answer', text, tokens }
    }
  } else if ('choice' in part) yield { ...part, choice: part.choice + from }
  else yield part
}

function sum(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    thoughtTokens: a.thoughtTokens + b.thoughtTokens,
  }
}

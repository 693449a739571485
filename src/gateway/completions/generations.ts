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
  guardOf,
  inspected,
  refusalOf,
  subjectOf,
  type AnsweringParts,
  type Caller,
} from '../chat/beginning.ts'
import { NO_TALLY, refusedEvent, type RequestSubject } from '../chat/events.ts'
import {
  mergeFindings,
  tellFindings,
  type Annotation,
  type PromptFindings,
} from '../chat/findings.ts'
import { generate, type AnswerPart, type Usage } from '../chat/generation.ts'
import type { Engine, JobOrder } from '../engine-link.ts'
import { findEngine } from '../engines.ts'
import type { AnswerGuard, GuardPort, Guarded } from '../guard-port.ts'
import { textOf } from '../tokens/asking.ts'
import type { CompletionRequest, Prompt } from './request.ts'

interface GuardedPrompt {
  readonly input: JobOrder['input']
  readonly found: PromptFindings
  /** Of its answers. */
  readonly guard: AnswerGuard
}

/** @throws Fault, ClientMistake, or Cancelled after the signal. */
export async function* generateAll(
  completion: CompletionRequest,
  model: string,
  caller: Caller,
  parts: AnsweringParts,
): AsyncGenerator<AnswerPart> {
  const subject = subjectOf(caller.request, model)
  const guard = guardOf(caller.request, parts.guards)
  const place = { caller, parts, subject, guard, engine: findEngine(parts.engines, model) }
  const guarded: GuardedPrompt[] = []
  for (const prompt of completion.prompts) {
    guarded.push(await guardedPrompt(prompt, completion, place))
  }
  let usage: Usage = NO_TALLY
  let annotation: Annotation | undefined
  for (const [index, prompt] of guarded.entries()) {
    const from = index * completion.choices
    for await (const part of generateOne(prompt, completion, place)) {
      if (part.kind !== 'end') yield* shifted(part, from, completion.choices)
      else {
        usage = sum(usage, part.usage)
        annotation = together(annotation, part.annotation)
      }
    }
  }
  tellFindings(caller.reply, annotation?.findings ?? [])
  yield { kind: 'end', usage, annotation }
}

interface Place {
  readonly caller: Caller
  readonly parts: AnsweringParts
  readonly subject: RequestSubject
  readonly guard: GuardPort
  readonly engine: Engine
}

async function guardedPrompt(
  prompt: Prompt,
  { suffix }: CompletionRequest,
  { caller, parts, subject, guard, engine }: Place,
): Promise<GuardedPrompt> {
  const { keeper } = parts
  const text = prompt.kind === 'text' ? prompt.text : await textOf(engine, prompt.ids)
  const given = [text, ...(suffix === null ? [] : [suffix])]
  const texts = given.map((content): Guarded => ({ content, origin: 'user' }))
  const promptChars = texts.reduce((chars, { content }) => chars + content.length, 0)
  const size = { messages: 1, promptChars, tools: 0, choices: 1 }
  const place = { keeper, guard, reply: caller.reply, size }
  const { texts: left, found } = inspected(texts, subject, place)
  const [first, second] = left
  const rest = { found, guard: guard.answer(given) }
  if (prompt.kind === 'text') {
    const kept = { text: first?.content ?? '', suffix: second?.content ?? null }
    return { input: { kind: 'text', ...kept }, ...rest }
  }
  if (first?.content !== text.normalize('NFC')) {
    keeper.record(refusedEvent(subject, size, found.findings))
    throw refusalOf(found.findings)
  }
  return { input: { kind: 'ids', ids: [...prompt.ids] }, ...rest }
}

function generateOne(
  { input, found, guard }: GuardedPrompt,
  completion: CompletionRequest,
  { caller, parts, subject, engine }: Place,
): AsyncGenerator<AnswerPart> {
  const { keeper } = parts
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
    found,
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

function together(a: Annotation | undefined, b: Annotation | undefined): Annotation | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const findings = mergeFindings([...a.findings, ...b.findings])
  const score = Math.max(a.score ?? 0, b.score ?? 0)
  return score > 0 ? { findings, score } : { findings }
}

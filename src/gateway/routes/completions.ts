/**
 * `POST /v1/completions`: text that goes on from a text, without a chat template.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { readyEngine, type AnsweringParts } from '../chat/beginning.ts'
import { generateAll } from '../completions/generations.ts'
import { completionModel, parseCompletion } from '../completions/request.ts'
import { CompletionWriter } from '../completions/writer.ts'
import type { Exchanges } from '../exchange.ts'
import { renamingParts, type Renames } from '../renaming.ts'

export interface CompletionOptions extends AnsweringParts {
  readonly exchanges: Exchanges
}

/** What the engine and the guard say of messages is here said of prompts. */
const COMPLETION_RENAMES: Renames = [[/^messages/, 'prompt']]

export function registerCompletions(app: FastifyInstance, options: CompletionOptions): void {
  app.post('/v1/completions', { onRequest: app.admit }, async (request, reply) => {
    const model = completionModel(request.body)
    const { ready } = await options.exchanges.during(reply, (signal) =>
      readyEngine(options, model, signal),
    )
    const completion = parseCompletion(request.body, ready)
    const { stream } = completion
    const writer = new CompletionWriter({
      requestId: request.id,
      model,
      createdAt: Math.floor(Date.now() / 1000),
      choices: completion.prompts.length * completion.choices,
      logprobs: completion.logprobs,
      usage: stream?.usage === true ? 'told' : 'untold',
      obfuscation: stream?.obfuscation === true ? 'on' : 'off',
    })
    return options.exchanges.answer({
      request,
      reply,
      writer,
      form: stream === null ? 'whole' : 'stream',
      parts: (signal) =>
        renamingParts(
          COMPLETION_RENAMES,
          generateAll(completion, model, { request, reply, signal }, options),
        ),
    })
  })
}

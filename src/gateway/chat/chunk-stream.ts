/**
 * The parts of an answer as OpenAI's chunks, in an event stream that is opened as late as possible:
 * at the first text, or at the first ping of a prompt that takes long. Until then a failure still
 * has a status of its own.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerFor } from '../api-error.ts'
import { Cancelled } from '../job-book.ts'
import { EventStream } from '../sse.ts'
import {
  chunk,
  deltaOf,
  roleDelta,
  usageChunk,
  type AnswerHead,
  type ChunkOptions,
} from './answers.ts'
import type { ChoicePart } from './choice-filter.ts'
import type { Annotation } from './findings.ts'
import type { AnswerPart } from './generation.ts'

export interface ChunkStreamOptions {
  readonly head: AnswerHead
  readonly chunks: ChunkOptions
  /** Aborted, with a Cancelled, when nobody will read the answer. */
  readonly abandoned: AbortController
  readonly pingIntervalMs: number
  readonly idleTimeoutMs: number
  readonly retryAfterSeconds: number
  /** What a client is told of something thrown. */
  readonly spoken: (thrown: unknown) => unknown
}

export async function streamChunks(
  parts: AsyncGenerator<AnswerPart>,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ChunkStreamOptions,
): Promise<void> {
  let events: EventStream | undefined
  let isStarted = false
  const open = (): EventStream =>
    (events ??= new EventStream(reply, options.idleTimeoutMs, options.abandoned))
  const ping = setInterval(() => {
    if (isStarted && !reply.raw.destroyed) open().comment('ping')
  }, options.pingIntervalMs)
  const writer = new ChunkWriter(open, options)
  try {
    for await (const part of parts) {
      isStarted = true
      await writer.write(part)
    }
  } catch (thrown) {
    if (events === undefined) throw thrown
    await endBroken(events, thrown, request, options)
  } finally {
    clearInterval(ping)
  }
}

class ChunkWriter {
  readonly #open: () => EventStream
  readonly #options: ChunkStreamOptions
  /** Choices that have had their first chunk, which says the role. */
  readonly #begun = new Set<number>()
  /** The last of a choice waits for what comes next: after the last of all, it says the findings. */
  #last: ChoicePart | undefined

  constructor(open: () => EventStream, options: ChunkStreamOptions) {
    this.#open = open
    this.#options = options
  }

  async write(part: AnswerPart): Promise<void> {
    if (part.kind === 'started' || part.kind === 'prompt') return
    if (part.kind !== 'end') {
      await this.#writeLast(undefined)
      if (part.kind === 'finish') this.#last = part
      else await this.#writePart(part)
      return
    }
    await this.#writeLast(part.annotation)
    const { head, chunks } = this.#options
    if (chunks.usage) await this.#open().send(usageChunk(head, part.usage))
    await this.#open().send('[DONE]')
    this.#open().end()
  }

  async #writeLast(annotation: Annotation | undefined): Promise<void> {
    const last = this.#last
    this.#last = undefined
    if (last !== undefined) await this.#writePart(last, annotation)
  }

  async #writePart(part: ChoicePart, annotation?: Annotation): Promise<void> {
    const { head, chunks } = this.#options
    const index = part.choice
    if (!this.#begun.has(index)) {
      this.#begun.add(index)
      const delta = roleDelta(part)
      await this.#open().send(chunk(head, chunks, { index, delta, tokens: null, finish: null }))
    }
    const tokens = part.kind === 'text' ? part.tokens : null
    const finish = part.kind === 'finish' ? part.finish : null
    const choice = { index, delta: deltaOf(part), tokens, finish, annotation }
    await this.#open().send(chunk(head, chunks, choice))
  }
}

/** The status has been sent, so the error is the last event, and there is no `[DONE]`. */
async function endBroken(
  events: EventStream,
  thrown: unknown,
  request: FastifyRequest,
  { retryAfterSeconds, spoken }: ChunkStreamOptions,
): Promise<void> {
  if (thrown instanceof Cancelled && thrown.reason !== 'stopping') {
    events.destroy()
    return
  }
  const { body } = answerFor(spoken(thrown), { requestId: request.id, retryAfterSeconds })
  request.log.warn({ req: request, code: body.error.code }, 'an answer broke off')
  try {
    await events.send(body)
    events.end()
  } catch {
    events.destroy()
  }
}

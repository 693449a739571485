/**
 * One request and its answer over HTTP, whole or streamed, in whatever protocol writes it.
 *
 * What it gives: a stream that is opened as late as possible, pings while a prompt is read, an
 * answer that is cancelled when its client is gone, and the right last event when it breaks off.
 * What it does not give: any knowledge of a protocol; its writer has that.
 *
 * @packageDocumentation
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../errors.ts'
import { answerFor, ClientMistake, type ErrorAnswer } from './api-error.ts'
import type { AnswerPart } from './chat/generation.ts'
import { Cancelled } from './job-book.ts'
import { EventStream } from './sse.ts'

export interface WireEvent {
  /** In the protocols whose events have names. */
  readonly name?: string
  readonly data: object | '[DONE]'
}

/** How a protocol writes one answer. Each part is given once, in order. */
export interface AnswerWriter {
  readonly take: (part: AnswerPart) => readonly WireEvent[]
  /** The whole answer, after the last part. */
  readonly whole: () => object
  /** What is sent while a prompt is read; `comment` where clients expect nothing. */
  readonly ping: () => readonly WireEvent[] | 'comment'
  /** The last events of an answer that breaks off: its status has been sent. */
  readonly broken: (answer: ErrorAnswer) => readonly WireEvent[]
}

export interface ExchangeOptions {
  readonly pingIntervalMs: number
  readonly idleTimeoutMs: number
  readonly retryAfterSeconds: number
  /** Aborted when the process will not wait for answers any longer. */
  readonly stopping: AbortSignal
}

export interface ExchangeParts {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly form: 'whole' | 'stream'
  readonly writer: AnswerWriter
  /** @param signal - Aborted, with a Cancelled, when nobody will read the answer. */
  readonly parts: (signal: AbortSignal) => AsyncGenerator<AnswerPart>
}

export class Exchanges {
  readonly #options: ExchangeOptions
  readonly #running = new Set<AbortController>()

  constructor(options: ExchangeOptions) {
    this.#options = options
    options.stopping.addEventListener('abort', () => {
      for (const abandoned of this.#running) abandoned.abort(new Cancelled('stopping'))
    })
  }

  /**
   * @returns the whole answer, or undefined when it was streamed and Fastify has nothing to send.
   * @throws what the request failed with, while it still has a status of its own.
   */
  async answer(exchange: ExchangeParts): Promise<object | undefined> {
    return await this.#watched(exchange.reply, async (abandoned) => {
      const parts = exchange.parts(abandoned.signal)
      if (exchange.form === 'whole') return await collect(parts, exchange.writer)
      await this.#stream(parts, exchange, abandoned)
      return undefined
    })
  }

  /**
   * Work for a client that may go before it is done.
   *
   * @param work - Its signal is aborted, with a Cancelled, when nobody waits for it any more.
   * @throws what the work throws, as the client may hear it.
   */
  async during<T>(reply: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await this.#watched(reply, (abandoned) => work(abandoned.signal))
  }

  async #watched<T>(
    reply: FastifyReply,
    work: (abandoned: AbortController) => Promise<T>,
  ): Promise<T> {
    const abandoned = watchHangUp(reply)
    this.#running.add(abandoned)
    try {
      return await work(abandoned)
    } catch (thrown) {
      throw spoken(thrown)
    } finally {
      this.#running.delete(abandoned)
    }
  }

  async #stream(
    parts: AsyncGenerator<AnswerPart>,
    { request, reply, writer }: ExchangeParts,
    abandoned: AbortController,
  ): Promise<void> {
    const { idleTimeoutMs, pingIntervalMs } = this.#options
    const late = new LateStream(() => new EventStream(reply, idleTimeoutMs, abandoned))
    let isStarted = false
    const ping = setInterval(() => {
      if (isStarted && !reply.raw.destroyed) late.ping(writer.ping())
    }, pingIntervalMs)
    try {
      for await (const part of parts) {
        isStarted ||= part.kind === 'started'
        await late.send(writer.take(part))
      }
      late.end()
    } catch (thrown) {
      if (!late.isOpen) throw thrown
      await this.#endBroken(late, thrown, { request, writer })
    } finally {
      clearInterval(ping)
    }
  }

  /** The status has been sent, so the error is the last event. */
  async #endBroken(
    late: LateStream,
    thrown: unknown,
    { request, writer }: Pick<ExchangeParts, 'request' | 'writer'>,
  ): Promise<void> {
    if (thrown instanceof Cancelled && thrown.reason !== 'stopping') {
      late.destroy()
      return
    }
    const { retryAfterSeconds } = this.#options
    const answer = answerFor(spoken(thrown), { requestId: request.id, retryAfterSeconds })
    request.log.warn({ req: request, code: answer.body.error.code }, 'an answer broke off')
    try {
      await late.send(writer.broken(answer))
      late.end()
    } catch {
      late.destroy()
    }
  }
}

/** Opened with its first event; until then a failure still has a status. */
class LateStream {
  readonly #open: () => EventStream
  #stream: EventStream | undefined

  constructor(open: () => EventStream) {
    this.#open = open
  }

  get isOpen(): boolean {
    return this.#stream !== undefined
  }

  async send(events: readonly WireEvent[]): Promise<void> {
    for (const { data, name } of events) await this.#opened().send(data, name)
  }

  ping(events: readonly WireEvent[] | 'comment'): void {
    if (events === 'comment') this.#opened().comment('ping')
    // A client that is gone is noticed by the part that comes next.
    else this.send(events).catch(() => undefined)
  }

  end(): void {
    this.#opened().end()
  }

  destroy(): void {
    this.#stream?.destroy()
  }

  #opened(): EventStream {
    return (this.#stream ??= this.#open())
  }
}

async function collect(parts: AsyncGenerator<AnswerPart>, writer: AnswerWriter): Promise<object> {
  let isOver = false
  for await (const part of parts) {
    writer.take(part)
    isOver ||= part.kind === 'end'
  }
  if (!isOver) throw new Fault('ENGINE_BUG', 'the answer has no end')
  return writer.whole()
}

/** Aborts when the client is gone before its answer was whole. */
export function watchHangUp(reply: FastifyReply): AbortController {
  const abandoned = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) abandoned.abort(new Cancelled('hung-up'))
  }
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return abandoned
}

/** What a client is told of an answer that was cancelled. */
export function spoken(thrown: unknown): unknown {
  if (!(thrown instanceof Cancelled)) return thrown
  if (thrown.reason === 'stopping') return stoppingFault()
  return new ClientMistake('client_closed', 'the client was gone before the answer was whole')
}

export function stoppingFault(): Fault {
  return new Fault('GATEWAY_STOPPING', 'the gateway is stopping')
}

/**
 * Server-sent events to one client, no faster than it reads.
 *
 * @packageDocumentation
 */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { Cancelled } from './job-book.ts'

export class EventStream {
  readonly #raw: ServerResponse
  readonly #maxStallMs: number
  readonly #abandoned: AbortController

  /**
   * Takes the reply over from Fastify and sends its headers.
   *
   * @param abandoned - Aborted when the client cannot be sent to any more.
   */
  constructor(reply: FastifyReply, maxStallMs: number, abandoned: AbortController) {
    this.#raw = reply.raw
    this.#maxStallMs = maxStallMs
    this.#abandoned = abandoned
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.#raw.setHeader(name, value)
    }
    this.#raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    this.#raw.flushHeaders()
  }

  /**
   * Resolves when the client may be sent more.
   *
   * @param name - The event's name, in the protocols that have them.
   * @throws Cancelled `slow-client` when it reads nothing for `maxStallMs`, `hung-up` when it is gone.
   */
  async send(data: object | '[DONE]', name?: string): Promise<void> {
    const text = data === '[DONE]' ? data : JSON.stringify(data)
    const event = name === undefined ? '' : `event: ${name}\n`
    if (this.#raw.write(`${event}data: ${text}\n\n`)) return
    try {
      await drained(this.#raw, this.#maxStallMs)
    } catch (thrown) {
      // First, so that whoever makes the text learns the reason and not only that nobody reads.
      this.#abandoned.abort(thrown)
      throw thrown
    }
  }

  /** A comment, which clients skip; left out when the client is behind anyway. */
  comment(text: string): void {
    if (!this.#raw.writableNeedDrain && !this.#raw.destroyed) this.#raw.write(`: ${text}\n\n`)
  }

  end(): void {
    this.#raw.end()
  }

  /** For a client that is not worth waiting for: its unsent bytes go with it. */
  destroy(): void {
    this.#raw.destroy()
  }
}

async function drained(raw: ServerResponse, maxStallMs: number): Promise<void> {
  if (raw.destroyed) throw new Cancelled('hung-up')
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const onDrain = () => {
    resolve(undefined)
  }
  const onClose = () => {
    reject(new Cancelled('hung-up'))
  }
  const timer = setTimeout(() => {
    reject(new Cancelled('slow-client'))
  }, maxStallMs)
  raw.once('drain', onDrain).once('close', onClose)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    raw.off('drain', onDrain).off('close', onClose)
  }
}

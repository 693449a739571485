/**
 * What runs behind the listener: a decode loop for a chat model, a queue for an embedding model.
 *
 * @packageDocumentation
 */
import type { Fault } from '../errors.ts'
import type { BodyOf } from '../wire/frames.ts'
import { DecodeLoop } from './decode-loop.ts'
import { VectorQueue } from './embedding/vector-queue.ts'
import { VectorSession } from './embedding/vector-session.ts'
import type { LoadedChat, LoadedEmbedding, LoadedEngine } from './load.ts'
import type { BeginSession } from './server.ts'
import { Session } from './session.ts'

export interface HouseOptions {
  readonly ready: BodyOf<'engine.ready'>
  readonly prefillSliceMs: number
  /** Processes that want to run besides ourselves, or null. */
  readonly readOthersRunnable: () => number | null
  /** A fault that failed jobs and that somebody should look at. */
  readonly onFault: (fault: Fault) => void
  /** A gateway broke a rule. */
  readonly onBroken: (fault: Fault) => void
  readonly isEnding: () => boolean
}

/** @returns What begins a session on each connection. */
export function openHouse(engine: LoadedEngine, options: HouseOptions): BeginSession {
  return engine.kind === 'chat' ? openChat(engine, options) : openVectors(engine, options)
}

function openChat(
  { model, context, prompts, constant }: LoadedChat,
  { ready, prefillSliceMs, readOthersRunnable, onFault, onBroken, isEnding }: HouseOptions,
): BeginSession {
  const { maxThreads, vocabulary } = model
  const loop = new DecodeLoop(model, context, {
    ...{ prefillSliceMs, maxThreads, constant, readOthersRunnable, onFault },
  })
  return (socket, onClose) =>
    new Session(socket, {
      ...{ ready, loop, prompts, vocabulary, isEnding },
      onClose: (fault) => {
        if (fault !== undefined) onBroken(fault)
        onClose()
      },
    })
}

function openVectors(
  { model, context }: LoadedEmbedding,
  { ready, readOthersRunnable, onFault, onBroken, isEnding }: HouseOptions,
): BeginSession {
  const { maxThreads, vocabulary } = model
  const queue = new VectorQueue(context, { maxThreads, readOthersRunnable, onFault })
  const reader = {
    contextTokens: context.contextTokens,
    tokenize: (text: string) => vocabulary.tokenize(text, 'plain'),
    has: (id: number) => vocabulary.has(id),
    framed: (ids: Uint32Array) => context.framed(ids),
  }
  return (socket, onClose) =>
    new VectorSession(socket, {
      ...{ ready, queue, reader, isEnding },
      onClose: (fault) => {
        if (fault !== undefined) onBroken(fault)
        onClose()
      },
    })
}

/**
 * Trial load: a sealed model opened and run by a confined engine that may die of it.
 *
 * For a model being made, the command line answers the engine's one question itself: it holds the
 * file key anyway, so no keeper has to hand out a key for a model that may be thrown away.
 *
 * @packageDocumentation
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../errors.ts'
import { Connection } from '../../wire/connection.ts'
import type { FrameFrom } from '../../wire/frames.ts'
import { Child, type Ending } from '../serve/child.ts'
import { parseLogLine } from '../serve/log-line.ts'
import { describeDeath } from '../serve/restart-policy.ts'
import type { LaunchOptions, Session } from '../session.ts'
import { printable } from '../terminal.ts'

const SOCKET_MODE = 0o600
/** The trial is over, so there is nothing to stop in order. */
const STOP_MS = 1
const MAX_SAID_LINES = 8

export interface Trial {
  readonly name: string
  /** Folder with payload, manifest and slots. */
  readonly folder: string
  readonly limitMs: number
  /** The adapter that is tried on it; the model is its base then. */
  readonly adapter?: { readonly name: string; readonly folder: string } | undefined
}

/** How a trial ended: well, or with the engine's own fault, or with its death, or not in time. */
export type TrialVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly fault: Fault | undefined; readonly why: string }

/** A trial of a model, or of an adapter, whose key we hold; the key of a base is the keeper's to give. */
export async function tryWithKey(
  session: Session,
  trial: Trial,
  secret: { readonly fileKey: Uint8Array; readonly context: Buffer },
): Promise<TrialVerdict> {
  const path = join(session.paths.run, `trial-${randomBytes(3).toString('hex')}.sock`)
  const server = createServer((socket) => {
    // One engine, one connection: whoever else comes gets nothing.
    server.close()
    answerEngine(socket, secret)
  })
  await listening(server, path)
  try {
    const base = session.paths.keeperEngine(trial.name)
    const sockets = trial.adapter === undefined ? { model: path } : { model: base, adapter: path }
    return await runTrial(session, trial, sockets)
  } finally {
    server.close()
    rmSync(path, { force: true })
  }
}

/** Paths on which the keys are given out. */
export interface KeySockets {
  readonly model: string
  readonly adapter?: string
}

function launchOf({ name, folder, adapter }: Trial, sockets: KeySockets): LaunchOptions {
  const connect = [`keeper=${sockets.model}`]
  const args = ['--model', name, '--trial', '--folder', folder]
  if (adapter === undefined || sockets.adapter === undefined) return { connect, args }
  return {
    connect: [...connect, `keeper-adapter=${sockets.adapter}`],
    args: [...args, '--adapter', adapter.name, '--adapter-folder', adapter.folder],
  }
}

/** A trial of a model whose key somebody gives out. */
export async function runTrial(
  { commandFor, signal, terminal }: Session,
  trial: Trial,
  sockets: KeySockets,
): Promise<TrialVerdict> {
  const { limitMs } = trial
  const command = commandFor('engine', launchOf(trial, sockets))
  let said: string[] = []
  const child = new Child({ role: 'engine', command, listeners: [], stopMs: STOP_MS }, (line) => {
    said = [...said, line].slice(-MAX_SAID_LINES)
  })
  const over = new AbortController()
  const limit = AbortSignal.any([signal, over.signal])
  const late = delay(limitMs, 'late' as const, { signal: limit }).catch(() => 'stopped' as const)
  const first = await Promise.race([child.ended, late])
  over.abort()
  if (typeof first !== 'string') {
    // Without a fault of its own, its last words are all there is to say.
    if (first.exitCode !== 0 && first.fault === undefined) {
      for (const line of said) terminal.note(`engine: ${printable(parseLogLine(line).msg)}`)
    }
    return verdictOf(first)
  }
  child.kill()
  await child.ended
  signal.throwIfAborted()
  return { ok: false, fault: undefined, why: `it was not loaded in ${limitMs / 1000} s` }
}

function verdictOf(ending: Ending): TrialVerdict {
  if (ending.exitCode === 0) return { ok: true }
  const { fault } = ending
  return {
    ok: false,
    fault,
    why: fault?.message ?? `the engine ended with ${describeDeath(ending)}`,
  }
}

async function listening(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  server.once('error', reject)
  server.listen(path, () => {
    chmodSync(path, SOCKET_MODE)
    resolve(undefined)
  })
  await promise
}

/** The keeper's side of the wire, for one engine and one model. */
function answerEngine(
  socket: Socket,
  secret: { readonly fileKey: Uint8Array; readonly context: Buffer },
): void {
  let granted = false
  const link = new Connection<'keeper', 'engine'>(
    socket,
    { own: 'keeper', other: 'engine' },
    {
      onFrame: (frame: FrameFrom<'engine', 'keeper'>) => {
        if (frame.name === 'engine.event') {
          // A trial is not in the record; the verdict is.
          link.send('engine.event-kept', { seq: 0 })
          return
        }
        if (granted || frame.body.context !== secret.context.toString('hex')) {
          throw new Fault('WIRE_BROKEN', 'the engine asks for another key')
        }
        granted = true
        link.send('key.grant', secret.fileKey)
      },
      onClose: () => undefined,
    },
  )
}

/**
 * A keeper to talk to: the daemon's when it runs, else one that is started for this command alone.
 *
 * @packageDocumentation
 */
import { closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault, reasonOf } from '../errors.ts'
import { lockFolder } from '../sandbox/process.ts'
import type { Event } from '../wire/frames.ts'
import { withKeeperLink, type KeeperLink } from './keeper-link.ts'
import { Child } from './serve/child.ts'
import { listenOnPath, type ListeningSocket } from './serve/listening-sockets.ts'
import { faultOf, personLine } from './serve/log-line.ts'
import { describeDeath } from './serve/restart-policy.ts'
import type { Session } from './session.ts'
import { toFault } from './terminal.ts'
import { unlockStore } from './unlock.ts'

const STOP_MS = 5000
const LAST_WORDS_MS = 2000

export interface KeeperNeeds {
  /** Model name → folder: sockets on which an engine may ask for that model's key. */
  readonly engines: Readonly<Record<string, string>>
  /** `closed`: only the record is wanted, so nobody is asked for a passphrase. */
  readonly store?: 'open' | 'closed'
}

/**
 * Runs `act` with a keeper. Without a daemon the state folder is locked meanwhile.
 *
 * @throws Fault `STATE_IN_USE` when an engine's socket is needed and the daemon has none for it.
 */
export async function withKeeper<T>(
  session: Session,
  needs: KeeperNeeds,
  act: (keeper: KeeperLink) => Promise<T>,
): Promise<T> {
  const lock = lockFolder(session.paths.serveLock)
  if (lock === null) return withKeeperLink(session.paths.keeperCli, act)
  try {
    return await withOwnKeeper(session, needs, act)
  } finally {
    closeSync(lock)
  }
}

/** The caller holds the serve lock. */
export async function withOwnKeeper<T>(
  session: Session,
  { engines, store = 'open' }: KeeperNeeds,
  act: (keeper: KeeperLink) => Promise<T>,
): Promise<T> {
  const { paths, signal } = session
  const sockets: ListeningSocket[] = []
  try {
    sockets.push(await listenOnPath('cli', paths.keeperCli))
    for (const name of Object.keys(engines)) {
      sockets.push(await listenOnPath(`engine-${name}`, paths.keeperEngine(name)))
    }
    signal.throwIfAborted()
    const keeper = startKeeper(session, engines, sockets)
    try {
      const use = async (link: KeeperLink) => {
        if (store === 'open') await unlockStore(session, link)
        return act(link)
      }
      return await Promise.race([useKeeper(session, keeper.lost, use), keeper.lost])
    } finally {
      await keeper.stop()
    }
  } finally {
    for (const socket of sockets) socket.close()
  }
}

async function useKeeper<T>(
  session: Session,
  lost: Promise<never>,
  act: (keeper: KeeperLink) => Promise<T>,
): Promise<T> {
  try {
    return await withKeeperLink(session.paths.keeperCli, act)
  } catch (thrown) {
    // The line closes before the process is gone; its last words say more.
    const away = thrown instanceof Fault && thrown.code === 'KEEPER_UNAVAILABLE'
    if (away) await Promise.race([lost, delay(LAST_WORDS_MS)])
    throw thrown
  }
}

function startKeeper(
  session: Session,
  engines: Readonly<Record<string, string>>,
  listeners: readonly ListeningSocket[],
) {
  const args = Object.entries(engines).flatMap((pair) => ['--engine', pair.join('=')])
  const command = session.commandFor('keeper', { args })
  let stopping = false
  const child = new Child({ role: 'keeper', command, listeners, stopMs: STOP_MS }, (line) => {
    // A fatal line comes back as a fault; warnings are for the person now.
    const text = faultOf('keeper', line) === undefined ? personLine('keeper', line) : undefined
    if (text !== undefined) session.terminal.note(text)
  })
  const lost = child.ended.then((ending): Promise<never> => {
    if (stopping) return new Promise(() => undefined)
    const how = `the keeper ended with ${describeDeath(ending)}`
    throw ending.fault ?? new Fault('KEEPER_UNAVAILABLE', how)
  })
  lost.catch(() => undefined)
  const stop = () => {
    stopping = true
    return child.stop()
  }
  return { lost, stop }
}

/** Puts an act of the operator into the record. */
export async function recordEvent(keeper: KeeperLink, event: Event): Promise<void> {
  await keeper.ask('cli.event', { event }, 'cli.event-kept')
}

const RECORD_ONLY: KeeperNeeds = { engines: {}, store: 'closed' }

/** An act, and how the record calls it when it could not be done after all. */
export interface RecordedAct {
  readonly event: Event
  readonly failedType: string
  readonly act: () => void
}

/**
 * For acts that give something: the record says so first, with a daemon or without one.
 *
 * @throws Fault of the keeper: what cannot be recorded is not done.
 */
export function recordBefore(session: Session, recorded: RecordedAct): Promise<void> {
  const { event, failedType, act } = recorded
  return withKeeper(session, RECORD_ONLY, async (keeper) => {
    await recordEvent(keeper, event)
    try {
      act()
    } catch (thrown) {
      const fault = toFault(thrown)
      const codes = [fault instanceof Fault ? fault.code : 'INTERNAL']
      // The reason of the failure counts, not that it could not be recorded either.
      await recordEvent(keeper, { ...event, type: failedType, codes }).catch(() => undefined)
      throw thrown
    }
  })
}

/**
 * For acts that take something away, which must not wait for a record that cannot be written: a key
 * that leaked is worthless first, and then in the record, with a daemon or without one.
 *
 * @param done - A sentence that says what was done.
 * @throws Fault `ACT_UNRECORDED`, with what was done and why the record does not have it.
 */
export async function recordAfter(session: Session, event: Event, done: string): Promise<void> {
  try {
    await withKeeper(session, RECORD_ONLY, (keeper) => recordEvent(keeper, event))
  } catch (cause) {
    const fault = toFault(cause)
    const why = fault instanceof Fault ? `${fault.message} (${fault.code})` : reasonOf(cause)
    throw new Fault('ACT_UNRECORDED', `${done}, but the record does not say so: ${why}`, { cause })
  }
}

/**
 * What is said, and recorded, when the processes of the daemon speak or die.
 *
 * @packageDocumentation
 */
import { EXIT, reasonOf, type Fault } from '../../errors.ts'
import type { Event } from '../../wire/frames.ts'
import { withKeeperLink } from '../keeper-link.ts'
import { recordEvent } from '../keeper-session.ts'
import type { Session } from '../session.ts'
import { unlockStore } from '../unlock.ts'
import type { Ending } from './child.ts'
import type { Engines } from './engines.ts'
import { faultOf, LEVEL, machineLine, personLine } from './log-line.ts'
import { describeDeath } from './restart-policy.ts'
import type { SupervisorHandlers } from './supervisor.ts'

/** @param engines - Told of every start and end first. */
export function createHandlers(session: Session, engines: () => Engines): SupervisorHandlers {
  let keeperStarts = 0
  return {
    onLine: (name, line) => {
      passOn(session, name, line)
    },
    onDeath: (name, ending, decision) => {
      if (decision.kind === 'stop') return
      engines().onEnd(name, ending, decision.afterMs)
      // An engine that idled ends as it should.
      if (decision.kind === 'rest' && ending.exitCode === EXIT.ok) return
      const again =
        decision.kind === 'rest'
          ? 'it is started again when it is needed'
          : `it is started again in ${decision.afterMs / 1000} s`
      noteWarning(session, `${name} ended with ${describeDeath(ending)}; ${again}`, ending.fault)
      void recordDeath(session, name, ending)
    },
    onStart: (name, child) => {
      engines().onStart(name, child)
      if (name === 'keeper' && keeperStarts++ > 0) void unlockAgain(session)
    },
  }
}

function passOn({ terminal }: Session, name: string, line: string): void {
  if (!terminal.interactive) {
    terminal.note(machineLine(name, line))
    return
  }
  // A fatal line comes again with the death that follows it.
  const text = faultOf(name, line) === undefined ? personLine(name, line) : undefined
  if (text !== undefined) terminal.note(text)
}

export function noteWarning({ terminal }: Session, msg: string, fault: Fault | undefined): void {
  const full = fault === undefined ? msg : `${msg} (${fault.message})`
  if (terminal.interactive) terminal.note(`warning: ${full}`)
  else terminal.note(JSON.stringify({ level: LEVEL.warn, name: 'serve', msg: full }))
}

const ENGINE_OF = /^engine-(.+)$/

/** The record shall show that a process died, and of what; of an engine, whose it was. */
async function recordDeath(session: Session, name: string, ending: Ending): Promise<void> {
  const how = ending.signal ?? `exit-${String(ending.exitCode)}`
  // A model's name is no code: `base:adapter` has a colon, and may be twice as long.
  const [, model] = ENGINE_OF.exec(name) ?? []
  const role = model === undefined ? name : 'engine'
  const codes = [role, how, ...(ending.fault === undefined ? [] : [ending.fault.code])]
  const event = { type: 'process.died', ...(model === undefined ? {} : { model }), codes }
  await recordOrWarn(session, event, `the end of ${name}`)
}

/** @param what - Missing in the record, when the keeper is away. */
export async function recordOrWarn(session: Session, event: Event, what: string): Promise<void> {
  try {
    await withKeeperLink(session.paths.keeperCli, (keeper) => recordEvent(keeper, event))
  } catch (thrown) {
    noteWarning(session, `the record does not have ${what}: ${reasonOf(thrown)}`, undefined)
  }
}

/** A new keeper of a passphrase store knows nothing any more. */
async function unlockAgain(session: Session): Promise<void> {
  try {
    await withKeeperLink(session.paths.keeperCli, (keeper) => unlockStore(session, keeper))
  } catch (thrown) {
    noteWarning(session, `the key store stays locked: ${reasonOf(thrown)}`, undefined)
  }
}

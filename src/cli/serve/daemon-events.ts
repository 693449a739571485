/**
 * What is said, and recorded, when the processes of the daemon speak or die.
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../../errors.ts'
import { withKeeperLink } from '../keeper-link.ts'
import { recordEvent } from '../keeper-session.ts'
import type { Session } from '../session.ts'
import { unlockStore } from '../unlock.ts'
import type { Ending, ProcessRole } from './child.ts'
import { faultOf, LEVEL, machineLine, personLine } from './log-line.ts'
import { describeDeath } from './restart-policy.ts'
import type { SupervisorHandlers } from './supervisor.ts'

export function createHandlers(session: Session): SupervisorHandlers {
  let keeperStarts = 0
  return {
    onLine: (role, line) => {
      passOn(session, role, line)
    },
    onDeath: (role, ending, decision) => {
      if (decision.kind === 'stop') return
      const again = `it is started again in ${decision.afterMs / 1000} s`
      noteWarning(session, `${role} ended with ${describeDeath(ending)}; ${again}`, ending.fault)
      void recordDeath(session, role, ending)
    },
    onStart: (role) => {
      if (role === 'keeper' && keeperStarts++ > 0) void unlockAgain(session)
    },
  }
}

function passOn({ terminal }: Session, role: ProcessRole, line: string): void {
  if (!terminal.interactive) {
    terminal.note(machineLine(role, line))
    return
  }
  // A fatal line comes again with the death that follows it.
  const text = faultOf(role, line) === undefined ? personLine(role, line) : undefined
  if (text !== undefined) terminal.note(text)
}

function noteWarning({ terminal }: Session, msg: string, fault: Fault | undefined): void {
  const full = fault === undefined ? msg : `${msg} (${fault.message})`
  if (terminal.interactive) terminal.note(`warning: ${full}`)
  else terminal.note(JSON.stringify({ level: LEVEL.warn, name: 'serve', msg: full }))
}

/** The record shall show that a process died, and of what. */
async function recordDeath(session: Session, role: ProcessRole, ending: Ending): Promise<void> {
  const how = ending.signal ?? `exit-${String(ending.exitCode)}`
  const codes = [role, how, ...(ending.fault === undefined ? [] : [ending.fault.code])]
  try {
    await withKeeperLink(session.paths.keeperCli, (keeper) =>
      recordEvent(keeper, { type: 'process.died', codes }),
    )
  } catch (thrown) {
    noteWarning(
      session,
      `the record does not have the end of ${role}: ${reasonOf(thrown)}`,
      undefined,
    )
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

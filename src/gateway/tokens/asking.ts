/**
 * Questions to an engine about tokens, in the record as every request is.
 *
 * What it gives: nothing answered before the record has the request; the engine's failures in our
 * own words. What it does not give: redacted text; `textOf` is what the engine said.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { BodyOf } from '../../wire/frames.ts'
import { engineFault } from '../chat/engine-fault.ts'
import {
  acceptedEvent,
  completedEvent,
  NO_TALLY,
  type Outcome,
  type RequestSize,
  type RequestSubject,
} from '../chat/events.ts'
import type { Engine, JobOrder } from '../engine-link.ts'
import type { Finding } from '../guard-port.ts'
import { assertRecording, type Recorder } from '../keeper-link.ts'

export interface TokenCount {
  readonly count: number
  /** None when only the count was wanted. */
  readonly ids: readonly number[]
}

/** @throws Fault */
export async function tokensOf(
  engine: Engine,
  input: JobOrder['input'],
  want: BodyOf<'tokens.ask'>['want'],
): Promise<TokenCount> {
  const told = await engine.ask({ name: 'tokens.ask', body: { input, want } })
  if (told.name === 'tokens.told') return told.body
  throw faultOf(told, engine)
}

/** @throws Fault */
export async function textOf(engine: Engine, ids: readonly number[]): Promise<string> {
  const told = await engine.ask({ name: 'text.ask', body: { ids: [...ids] } })
  if (told.name === 'text.told') return told.body.text
  throw faultOf(told, engine)
}

type Told = Awaited<ReturnType<Engine['ask']>>

function faultOf(told: Told, { ready }: Engine): Fault {
  if (told.name === 'job.failed') return engineFault(told.body, ready?.contextTokens ?? 0)
  return new Fault('ENGINE_BUG', 'the engine answered another question')
}

export interface Recorded {
  readonly keeper: Recorder
  readonly subject: RequestSubject
  readonly size: RequestSize
  readonly inputFindings: readonly Finding[]
}

export interface Answered<T> {
  readonly answer: T
  readonly tokens: number
  readonly outputFindings: readonly Finding[]
}

/** @throws Fault `KEEPER_UNAVAILABLE` or `AUDIT_UNAVAILABLE`, and what `ask` throws. */
export async function askRecorded<T>(
  { keeper, subject, size, inputFindings }: Recorded,
  ask: () => Promise<Answered<T>>,
): Promise<T> {
  assertRecording(keeper)
  const startedMs = performance.now()
  await keeper.append(acceptedEvent(subject, size, inputFindings))
  const complete = (outcome: Outcome, tokens: number, findings: readonly Finding[]) => {
    const tally = { ...NO_TALLY, promptTokens: tokens, totalMs: performance.now() - startedMs }
    keeper.record(completedEvent(subject, outcome, tally, findings))
  }
  try {
    const { answer, tokens, outputFindings } = await ask()
    complete({ finish: 'ended', finishes: [] }, tokens, outputFindings)
    return answer
  } catch (thrown) {
    complete({ finish: 'failed', thrown }, 0, [])
    throw thrown
  }
}

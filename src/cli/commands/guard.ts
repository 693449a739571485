/**
 * `guard check`, `guard redact`: the guard over texts of your own, without a daemon, a state folder
 * or a key.
 *
 * @packageDocumentation
 */
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import { compileOutput } from '../../guard/output/redactor.ts'
import { PROFILE_NAMES, type GuardProfile } from '../../guard/policy.ts'
import type { OptionValues, OptionRow } from '../arguments.ts'
import { judgeInput, judgeOutput, type Judgement } from '../guard/judgement.ts'
import { namedProfile } from '../guard/profile.ts'
import { readTexts } from '../guard/texts.ts'
import type { Invocation } from '../session.ts'

const PLACES = ['user', 'document', 'output'] as const
type Place = (typeof PLACES)[number]

/** A longer piece is no test of a stream. */
const MAX_CHUNK_CHARS = 1_000_000

export const GUARD_OPTIONS = {
  as: { value: 'PLACE', help: `${PLACES.join(', ')}: where the text stands` },
  profile: {
    value: 'NAME',
    help: `${PROFILE_NAMES.join(', ')}, or one of your own; default strict`,
  },
  chunk: { value: 'N', help: 'an output comes in pieces of N characters' },
  fail: { help: 'exit code 3 when something was found' },
} as const satisfies Record<string, OptionRow>

export interface Streams {
  readonly input: Readable
  readonly output: Writable
}

const processStreams = (): Streams => ({ input: process.stdin, output: process.stdout })

export function guardCheck(invocation: Invocation, streams?: Streams): Promise<ExitCode> {
  return judgeAll(invocation, 'user', streams ?? processStreams())
}

export function guardRedact(invocation: Invocation, streams?: Streams): Promise<ExitCode> {
  return judgeAll(invocation, 'output', streams ?? processStreams())
}

async function judgeAll(
  { terminal, options, signal }: Invocation,
  usualPlace: Place,
  { input, output }: Streams,
): Promise<ExitCode> {
  const place = placeOf(options) ?? usualPlace
  const profile = namedProfile(options)
  const judge = judgeOf(place, profile, options)
  let found = 0
  async function* lines(bytes: AsyncIterable<Uint8Array>) {
    for await (const { text } of readTexts(bytes, profile.input.maxMessageChars)) {
      const judgement = judge(text)
      if (judgement.verdict !== 'allow') found++
      yield `${JSON.stringify(judgement)}\n`
    }
  }
  if (input === process.stdin && process.stdin.isTTY) terminal.note('reading; Ctrl-D ends the text')
  try {
    await pipeline(input, lines, output, { end: false, signal })
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    if (!isClosedPipe(thrown)) throw thrown
  }
  return options.has('fail') && found > 0 ? EXIT.refused : EXIT.ok
}

/** Whoever read has what he wanted: `| head -1`. */
function isClosedPipe(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE'
}

function placeOf(options: OptionValues): Place | undefined {
  const given = options.text('as')
  if (given === undefined) return undefined
  const place = PLACES.find((name) => name === given)
  if (place !== undefined) return place
  throw new Fault('CLI_USAGE', `--as takes ${PLACES.join(', ')}, not "${given.slice(0, 60)}"`)
}

function judgeOf(
  place: Place,
  profile: GuardProfile,
  options: OptionValues,
): (text: string) => Judgement {
  const chunkChars = options.count('chunk', { min: 1, max: MAX_CHUNK_CHARS })
  if (place === 'output') {
    const policy = compileOutput(profile.output)
    return (text) => judgeOutput(text, policy, chunkChars)
  }
  if (chunkChars !== undefined) {
    throw new Fault('CLI_USAGE', '--chunk is for --as output: what goes in is judged as a whole')
  }
  return (text) => judgeInput(text, place, profile.input)
}

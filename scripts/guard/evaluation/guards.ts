/**
 * The guard as it is measured: the profile `strict`, through the functions of `secure-llm guard`.
 *
 * @packageDocumentation
 */
import {
  judgeInput,
  judgeOutput,
  type InputOrigin,
  type Judgement,
} from '../../../src/cli/guard/judgement.ts'
import { compileOutput } from '../../../src/guard/output/redactor.ts'
import { profileOf } from '../../../src/guard/policy.ts'

/** No text of the sets is as long. */
const MAX_CHARS = 16_777_216

const PROFILE = profileOf('strict', {
  ...{ profile: 'strict', profiles: {}, denyList: [], patterns: [], linkOrigins: [] },
  ...{ maxMessageChars: MAX_CHARS, maxPromptChars: MAX_CHARS },
})
const OUTPUT = compileOutput(PROFILE.output)

export function judgedInput(text: string, origin: InputOrigin): Judgement {
  return judgeInput(text, origin, PROFILE.input)
}

export function judgedOutput(text: string): Judgement {
  return judgeOutput(text, OUTPUT)
}

/** From here on a text is flagged. */
export const FLAGGED = 0.5

/** `output.secret.github-token` → `secret` */
export function classOf(code: string): string {
  return code.split('.')[1] ?? ''
}

export interface Timed<R> {
  readonly results: readonly R[]
  readonly microsecondsPerKb: number
}

/** One text after the other; a thousand characters of them first, for the compiler. */
export function timed<R>(texts: readonly string[], run: (text: string) => R): Timed<R> {
  for (const text of texts.slice(0, 20)) run(text)
  const kb = texts.reduce((sum, text) => sum + text.length, 0) / 1024
  const startedMs = performance.now()
  const results = texts.map(run)
  return { results, microsecondsPerKb: ((performance.now() - startedMs) * 1000) / kb }
}

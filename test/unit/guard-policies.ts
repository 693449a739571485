/** Policies for the tests of the output guard. */
import { expect } from 'vitest'
import { OUTPUT_CLASSES, type OutputAction, type OutputClass } from '../../src/guard/classes.ts'
import {
  compileOutput,
  createRedactor,
  textOf,
  type AnswerContext,
  type OutputMatch,
  type OutputPolicy,
  type OutputSettings,
} from '../../src/guard/output/redactor.ts'

export const CLASSES = Object.keys(OUTPUT_CLASSES) as OutputClass[]

export function actionsOf(action: OutputAction, over: Partial<OutputSettings['actions']> = {}) {
  const all = Object.fromEntries(CLASSES.map((name) => [name, action]))
  return { ...(all as Record<OutputClass, OutputAction>), ...over }
}

export function policyOf(over: Partial<OutputSettings> = {}): OutputPolicy {
  return compileOutput({
    actions: actionsOf('mask'),
    ownPersonalData: 'guarded',
    denyList: [],
    patterns: [],
    linkOrigins: [],
    secrets: [],
    ...over,
  })
}

/** All that the table has, masked. */
export const MASKING = policyOf()

export function answer(
  policy: OutputPolicy,
  chunks: readonly string[],
  context: AnswerContext = {},
) {
  const matches: OutputMatch[] = []
  const redactor = createRedactor(policy, { ...context, onMatch: (match) => matches.push(match) })
  const pieces = [...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()]
  return { text: textOf(pieces), findings: redactor.findings(), matches, state: redactor.state() }
}

/** The answer in one piece; the same for every cut in two, and unit by unit. */
export function answerEveryWay(
  policy: OutputPolicy,
  text: string,
  context: () => AnswerContext = () => ({}),
) {
  const whole = answer(policy, [text], context())
  for (let at = 1; at < text.length; at++) {
    expect(answer(policy, [text.slice(0, at), text.slice(at)], context())).toEqual(whole)
  }
  expect(answer(policy, text.split(''), context())).toEqual(whole)
  return whole
}

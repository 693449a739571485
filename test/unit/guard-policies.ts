/** Policies for the tests of the output guard. */
import { OUTPUT_CLASSES, type OutputAction, type OutputClass } from '../../src/guard/classes.ts'
import {
  compileOutput,
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

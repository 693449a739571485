/**
 * Settings of the input guard for tests: one action for everything.
 *
 * @packageDocumentation
 */
import {
  INPUT_CLASSES,
  type InputAction,
  type InputClass,
  type Origin,
} from '../../src/guard/classes.ts'
import { inspectText, type InputSettings } from '../../src/guard/input/inspect.ts'

export function actionsOf(
  action: InputAction,
  others: Partial<Record<InputClass, InputAction>> = {},
): Record<InputClass, InputAction> {
  const one = {
    malformed: action,
    invisible: action,
    lookalike: action,
    injection: action,
    encoded: action,
    turns: action,
  } satisfies Record<keyof typeof INPUT_CLASSES, InputAction>
  return { ...one, ...others }
}

export function settingsOf(
  action: InputAction,
  others: Partial<Record<InputClass, InputAction>> = {},
): InputSettings {
  const actions = actionsOf(action, others)
  return {
    maxMessageChars: 262_144,
    maxPromptChars: 1_048_576,
    actions,
    untrustedActions: actions,
  }
}

export const FLAG = settingsOf('flag')
export const REDACT = settingsOf('redact', { lookalike: 'flag' })

export function codesOf(content: string, origin: Origin = 'user'): string[] {
  return inspectText({ content, origin }, FLAG).matches.map(({ code }) => code)
}

/**
 * What the guard will give, with what it gives today; dropped when the detectors are merged.
 *
 * @packageDocumentation
 */
import type {
  InputAction,
  InputClass,
  Origin,
  OutputAction,
  OutputClass,
} from '../../guard/classes.ts'
import { inspectMessages } from '../../guard/input/inspect.ts'
import * as today from '../../guard/output/redactor.ts'

export interface InputSettings {
  readonly maxMessageChars: number
  readonly maxPromptChars: number
  readonly actions: Readonly<Partial<Record<InputClass, InputAction>>>
  readonly untrustedActions: Readonly<Partial<Record<InputClass, InputAction>>>
}
export interface InputMatch {
  readonly code: string
  readonly class: InputClass
  readonly action: InputAction
  readonly start: number
  readonly end: number
}
export interface InspectedText {
  readonly content: string
  readonly score: number
  readonly matches: readonly InputMatch[]
}
export function inspectText(
  text: { readonly content: string; readonly origin: Origin },
  settings: InputSettings,
): InspectedText {
  const { messages, findings } = inspectMessages([text], { ...settings, invisible: 'strip' })
  const matches = findings.map(({ code }) => ({
    code,
    class: 'invisible' as const,
    action: 'flag' as const,
    start: 0,
    end: text.content.length,
  }))
  return { content: messages[0]?.content ?? '', score: 0, matches }
}
export type OutputPolicy = today.OutputPolicy
export interface OutputSettings {
  readonly secrets: readonly string[]
}
export interface OutputMatch {
  readonly code: string
  readonly class: OutputClass
  readonly action: OutputAction
  readonly start: number
  readonly end: number
}
export const textOf = today.textOf
export function compileOutput(settings: OutputSettings): OutputPolicy {
  if (settings.secrets.length > 0) throw new Error('not today')
  return { email: 'mask', card: 'mask', keys: 'mask' }
}
export function createRedactor(
  policy: OutputPolicy,
  context: { readonly onMatch?: (match: OutputMatch) => void } = {},
): today.Redactor {
  const redactor = today.createRedactor(policy)
  let at = 0
  const tell = (pieces: readonly today.Piece[]) => {
    for (const { is, text, sourceChars } of pieces) {
      const place = { start: at, end: at + sourceChars, action: 'mask', class: 'secret' } as const
      if (is === 'masked' && text !== '') context.onMatch?.({ ...place, code: `output.${text}` })
      at += sourceChars
    }
    return pieces
  }
  return { ...redactor, push: (text) => tell(redactor.push(text)), end: () => tell(redactor.end()) }
}
export interface GuardProfile {
  readonly input: InputSettings
  readonly output: OutputSettings
}
export const PROFILES: Readonly<Record<'strict' | 'coding' | 'observe', GuardProfile>> = {
  strict: {
    input: {
      maxMessageChars: 262_144,
      maxPromptChars: 1_048_576,
      actions: {},
      untrustedActions: {},
    },
    output: { secrets: [] },
  },
  get coding() {
    return this.strict
  },
  get observe() {
    return this.strict
  },
}

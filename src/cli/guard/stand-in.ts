/**
 * What the input guard will give, with what it gives today; dropped when it is merged.
 *
 * @packageDocumentation
 */
import type { InputAction, InputClass, Origin } from '../../guard/classes.ts'
import { inspectMessages } from '../../guard/input/inspect.ts'
import type { InputSettings } from '../../guard/policy.ts'

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

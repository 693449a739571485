/** Until the parts of the guard are merged: their signatures over what there is. */
import { inspectMessages } from './input/inspect.ts'
import type { Finding } from './finding.ts'
import type { InputSettings } from './policy.ts'

interface InputText {
  readonly content: string
  readonly form?: 'text' | 'json'
}
export interface Inspection<T> {
  readonly verdict: 'allow' | 'flag' | 'refuse'
  readonly texts: readonly T[]
  readonly findings: readonly Finding[]
  readonly scores: readonly number[]
}
export function inspectTexts<T extends InputText>(
  texts: readonly T[],
  settings: InputSettings,
): Inspection<T> {
  const invisible = settings.actions.invisible === 'refuse' ? 'refuse' : 'strip'
  const { verdict, messages, findings } = inspectMessages(texts, { ...settings, invisible })
  return { verdict, texts: messages, findings, scores: texts.map(() => 0) }
}

/** Until the parts of the guard are merged: their signatures over what there is. */
import { inspectMessages } from './input/inspect.ts'
import type { Finding } from './finding.ts'
import { createRedactor as createOld, type Redactor as OldRedactor } from './output/redactor.ts'
import type { InputSettings, OutputSettings } from './policy.ts'

export interface OutputPolicy {
  readonly actions: OutputSettings['actions']
}
export function compileOutput(settings: OutputSettings): OutputPolicy {
  return { actions: settings.actions }
}
export class Pseudonyms {
  readonly isEmpty = true
}
export interface AnswerContext {
  readonly systemPrompt?: string
  readonly canary?: string
  readonly ownTexts?: readonly string[]
  readonly pseudonyms?: Pseudonyms
}
export interface Redactor extends OldRedactor {
  readonly state: () => 'open' | 'blocked'
}
export function createRedactor({ actions }: OutputPolicy, context?: AnswerContext): Redactor {
  const of = (action: string) => (action === 'mask' ? 'mask' : 'off')
  const policy = {
    email: of(actions.email),
    card: of(actions.card),
    keys: of(actions.secret),
  } as const
  if (context === undefined) return { ...createOld(policy), state: () => 'open' }
  return { ...createOld(policy), state: () => 'open' }
}
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

/**
 * What an answer has to look like, for the sampler and for the parser: a pure decision from what the
 * client asked for and how the model writes.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { AnswerForm, JobTool } from '../../wire/frames.ts'
import type { GrammarRules } from '../sampler.ts'
import type { ParserOptions } from './answer-parser.ts'
import { callGrammar } from './call-grammar.ts'
import { restOfOpening, triggerOf } from './call-opening.ts'
import type { CallFormat } from '../prompt/call-format.ts'
import type { ThoughtFormat } from '../prompt/thought-format.ts'

export interface Formats {
  readonly calls: CallFormat
  readonly thoughts: ThoughtFormat | null
  /** Control tokens that these are written with: their text counts, as no other's does. */
  readonly spelled: ReadonlySet<number>
}

/** A model that writes nothing but text. */
export const PLAIN_FORMATS: Formats = {
  calls: {
    open: '',
    beforeName: '{"name": "',
    afterName: '", "arguments": ',
    afterArguments: '}',
    between: null,
    close: '',
    where: 'start',
  },
  thoughts: null,
  spelled: new Set(),
}

export interface AnswerPlan {
  readonly parser: ParserOptions
  readonly spelled: ReadonlySet<number>
  /** Obeyed where the answer begins: at once, or after the thought that the prompt opens. */
  readonly rules: GrammarRules | null
  /** Obeyed once a call has begun. */
  readonly callRules: GrammarRules | null
}

/** Any text, and a model that writes nothing but text. */
export function plainPlan(stops: readonly string[]): AnswerPlan {
  const parser = { stops, thoughts: null, calls: null }
  return planOf(parser, PLAIN_FORMATS.spelled, { rules: null, callRules: null })
}

export interface Wish {
  readonly stops: readonly string[]
  readonly form: AnswerForm
  readonly tools: readonly JobTool[]
}

/** @throws Fault `ENGINE_BUG` when a call is asked for and there is nothing to call. */
export function planAnswer(wish: Wish, formats: Formats): AnswerPlan {
  const { stops, form, tools } = wish
  const { thoughts, spelled } = formats
  if (form.calls === null) {
    const rules = form.rules === null ? null : { text: form.rules, root: 'a-root' }
    return planOf({ stops, thoughts, calls: null }, spelled, { rules, callRules: null })
  }
  const { mode, only, atOnce } = form.calls
  const format = atOnce === 'one' ? { ...formats.calls, between: null } : formats.calls
  const callable = tools.flatMap((tool, index) =>
    only === null || only === tool.name ? [{ ...tool, root: `t${index}-root` }] : [],
  )
  if (callable.length === 0) throw new Fault('ENGINE_BUG', 'there is no tool that may be called')
  const grammarAfter = (read: string) =>
    [
      callGrammar(format, callable, restOfOpening(format, read)),
      ...callable.map(({ rules }) => rules),
    ].join('\n')
  const beside = form.rules === null ? ('text' as const) : ('json' as const)
  const calls = { format, names: callable.map(({ name }) => name), mode, beside }
  const parser = { stops, thoughts, calls }
  if (mode === 'must') {
    const rules = { text: grammarAfter(''), root: 'calls-root' }
    return planOf(parser, spelled, { rules, callRules: null })
  }
  if (form.rules === null) {
    const callRules = { text: grammarAfter(triggerOf(format)), root: 'calls-root' }
    return planOf(parser, spelled, { rules: null, callRules })
  }
  const text = `either-root ::= calls-root | a-root\n${grammarAfter('')}\n${form.rules}`
  return planOf(parser, spelled, { rules: { text, root: 'either-root' }, callRules: null })
}

function planOf(
  parser: Omit<ParserOptions, 'grammarAt'>,
  spelled: ReadonlySet<number>,
  grammars: Pick<AnswerPlan, 'rules' | 'callRules'>,
): AnswerPlan {
  const { rules, callRules } = grammars
  const answer = rules !== null && parser.thoughts?.opensInPrompt === true
  const grammarAt = { answer, call: callRules !== null }
  return { parser: { ...parser, grammarAt }, spelled, rules, callRules }
}

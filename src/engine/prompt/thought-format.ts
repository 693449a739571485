/**
 * How a model writes what it thinks before it answers, found in its template.
 *
 * @packageDocumentation
 */
import type { Write } from './call-format.ts'
import type { SpecialSpellings } from './special-spellings.ts'
import { commonStart, wholeBefore, WORDS } from './trial-text.ts'

/** White space around a thought belongs to neither literal; special tokens are spelled out. */
export interface ThoughtFormat {
  readonly open: string
  readonly close: string
  /** The prompt itself, as the template has it by default, already ends inside a thought. */
  readonly opensInPrompt: boolean
}

interface Prompts {
  /** The prompts of one question, by default and with thinking off; null: refused. */
  readonly byDefault: string | null
  readonly off: string | null
  readonly source: string
}

/** Not a special token in bars, which would be the turn's own. */
const LAST_TAG = /(?:<[^<>|｜\s]{1,64}>|\[[A-Z_]{2,32}\])\s*$/
const EMPTY_THOUGHT = /(<[^<>/\s]{1,64}>)\s*(<\/[^<>\s]{1,64}>)\s*$/

/** null: the model does not think, as far as its template says. */
export function findThoughts(
  write: Write,
  prompts: Prompts,
  spellings: SpecialSpellings,
): ThoughtFormat | null {
  const tags = writtenTags(write, spellings) ?? emptyTags(prompts) ?? namedTags(prompts)
  if (tags === null) return null
  const opensInPrompt = (prompts.byDefault ?? '').trimEnd().endsWith(tags.open)
  return { ...tags, opensInPrompt }
}

interface Tags {
  readonly open: string
  readonly close: string
}

/** Around the thought of an earlier answer. */
function writtenTags(write: Write, spellings: SpecialSpellings): Tags | null {
  const user = { role: 'user', content: WORDS.asked }
  const assistant = { role: 'assistant', content: WORDS.said }
  const asked = write([user], 'asked')
  const said = write([user, assistant], 'told')
  const text = write([user, { ...assistant, thought: WORDS.thought }], 'told')
  if (asked === null || said === null || text === null) return null
  const thoughtAt = text.indexOf(WORDS.thought)
  const saidAt = text.indexOf(WORDS.said)
  if (thoughtAt === -1 || saidAt < thoughtAt) return null
  const base = wholeBefore(text, commonStart([asked, said, text]), spellings)
  const before = text.slice(0, thoughtAt)
  // The prompt may have written it already, in the same words as the history or in more.
  const inPrompt = asked.slice(base).trim() || (LAST_TAG.exec(before)?.[0].trim() ?? '')
  const open = before.slice(base).trim() || inPrompt
  const close = text.slice(thoughtAt + WORDS.thought.length, saidAt).trim()
  return open === '' || close === '' ? null : { open, close }
}

/** A thought that says nothing, which turns thinking off. */
function emptyTags({ byDefault, off }: Prompts): Tags | null {
  const [, open, close] = EMPTY_THOUGHT.exec(off ?? '') ?? EMPTY_THOUGHT.exec(byDefault ?? '') ?? []
  return open === undefined || close === undefined ? null : { open, close }
}

/** Templates that only take thoughts out of earlier answers; llama.cpp knows them so too. */
function namedTags({ source }: Prompts): Tags | null {
  return source.includes('</think>') ? { open: '<think>', close: '</think>' } : null
}

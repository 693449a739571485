/**
 * Ordinary answers and other harmless texts: how many come out changed, by whom and for what.
 *
 * @packageDocumentation
 */
import { readTexts } from './data.ts'
import { classOf, judgedOutput } from './guards.ts'
import type { Peers } from './peers.ts'
import { percent, type Table } from './tables.ts'

const SETS = {
  'GPT-4 answers': 'injection/benign-fastchat/gpt4_reference_answers.jsonl',
  'questions to chat models': 'injection/benign-fastchat/questions.jsonl',
  'short questions': 'injection/benign-fuzzyai/benign_prompts.jsonl',
  'coding prompts': 'injection/benign-mitre-frr/mitre_frr_benign.jsonl',
  'business e-mails': 'injection/pi-llmail-benign/emails.jsonl',
} as const

const REDACTORS = ['redact-pii', '@redactpii/node'] as const

export function measureAnswers(data: string, peers: Peers): Table {
  const all = Object.entries(SETS).map(([name, file]) => ({ name, texts: readTexts(data, file) }))
  return {
    id: 'answers-changed',
    title: 'Harmless texts that come out changed, as answers',
    head: ['texts', 'number', 'this guard', 'of which', ...REDACTORS, 'secretlint'],
    rows: all
      .filter(({ texts }) => texts.length > 0)
      .map(({ name, texts }) => {
        const judged = texts.map((text) => ({ text, judgement: judgedOutput(text) }))
        const changed = judged.filter(({ text, judgement }) => judgement.redacted !== text)
        const classes = changed.flatMap(({ judgement }) =>
          judgement.findings
            .filter(({ action }) => action !== 'flag')
            .map(({ type }) => classOf(type)),
        )
        const tell = (number: number) => `${number} (${percent(number, texts.length)})`
        const theirs = REDACTORS.map((peer) => {
          const run = peers.run(peer, texts)
          return run === undefined
            ? '–'
            : tell(run.results.filter((text, at) => text !== texts[at]).length)
        })
        const lint = peers.run('secretlint', texts)
        const linted =
          lint === undefined ? '–' : tell(lint.results.filter((ranges) => ranges.length > 0).length)
        return [
          name,
          String(texts.length),
          tell(changed.length),
          tallied(classes),
          ...theirs,
          linted,
        ]
      }),
  }
}

function tallied(classes: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || '–'
}

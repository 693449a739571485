/** Answers that a stand-in engine gives: thoughts, texts and calls, in whatever order a test says. */
import type { BodyOf } from '../../src/wire/frames.ts'
import type { EnginePeer, JobStart } from './gateway-stand-ins.ts'

type Finish = BodyOf<'job.done'>['choices'][number]

export type Step =
  | { readonly thought: string }
  | { readonly answer: string }
  | { readonly call: string; readonly arguments: string }

/** @returns what to do with each job. */
export function answering(steps: readonly Step[], end: Partial<Finish> = {}) {
  return (peer: EnginePeer, { job, topLogprobs }: JobStart) => {
    const { connection } = peer
    peer.ended.add(job)
    let tokens = 0
    const say = (part: BodyOf<'job.text'>['part'], text: string) => {
      for (const word of text.match(/\S+\s*|\s+/g) ?? []) {
        tokens++
        const told = topLogprobs !== null && part === 'answer'
        const bytes = Buffer.from(word).toString('base64')
        const chances = told ? [{ bytes, logprob: -0.5, top: [] }] : []
        connection.send('job.text', {
          job,
          choice: 0,
          part,
          text: word,
          chars: [word.length],
          chances,
        })
      }
    }
    connection.send('job.started', { job, promptTokens: 10, cachedTokens: 4 })
    for (const step of steps) {
      if ('thought' in step) say('thought', step.thought)
      if ('answer' in step) say('answer', step.answer)
      if ('call' in step) {
        connection.send('job.call', { job, choice: 0, name: step.call })
        say('arguments', step.arguments)
      }
    }
    const choices = [{ finish: 'stop' as const, stop: null, ...end }]
    const counts = { promptTokens: 10, cachedTokens: 4, completionTokens: tokens }
    connection.send('job.done', { job, choices, ...counts, prefillMs: 1, decodeMs: 1 })
  }
}

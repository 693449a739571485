/** What an engine may say for each thing that was asked, and nothing beside it. */
import { expect, test } from 'vitest'
import { JobBook, type JobFrame, type JobOrder } from '../../src/gateway/job-book.ts'
import {
  callFrame,
  chance,
  doneFrame,
  jobOrder,
  startedFrame,
  textFrame,
  toolOrder,
} from './gateway-orders.ts'

const CONTEXT = 64

function play(order: JobOrder, frames: readonly JobFrame[]): number {
  const book = new JobBook(() => undefined)
  const { frames: queue } = book.open(order, CONTEXT)
  for (const frame of frames) book.accept(frame)
  return queue.length
}

const arguments_ = (over = {}) => textFrame({ part: 'arguments', text: '{}', chars: [2], ...over })
const prompt = (count: number): JobFrame => ({
  name: 'job.prompt',
  body: { job: 1, chances: Array.from({ length: count }, () => chance('a')) },
})
const echo = jobOrder({ echo: 'tokens', topLogprobs: 2 })
const told = jobOrder({ topLogprobs: 2 })

test.each<[string, JobOrder, JobFrame[]]>([
  ['text, thought and end', jobOrder(), [textFrame({ part: 'thought' }), textFrame(), doneFrame()]],
  ['two choices', jobOrder({ choices: 2 }), [textFrame({ choice: 1 }), doneFrame([{}, {}])]],
  [
    'a call, its arguments, another call',
    toolOrder(),
    [callFrame('look'), arguments_(), callFrame('send'), doneFrame([{ finish: 'calls' }])],
  ],
  ['the only tool', toolOrder({ only: 'send' }), [callFrame('send')]],
  ['chances of the answer', told, [textFrame({ chances: [chance('word', ['a', 'b'])] })]],
  ['no chances of a thought', told, [textFrame({ part: 'thought' })]],
  ['the prompt', echo, [prompt(3), prompt(2), textFrame({ chances: [chance('word')] })]],
  ['the stop that was given', jobOrder({ stop: ['x'] }), [doneFrame([{ stop: 0 }])]],
  ['all tokens of both choices', jobOrder({ choices: 2, maxTokens: 4 }), [doneFrame([{}, {}], 8)]],
])('takes %s', (_what, order, frames) => {
  expect(play(order, [startedFrame(), ...frames])).toBe(frames.length + 1)
})

const tooMany = Array.from({ length: 129 }, () => callFrame('look'))

test.each<[string, JobOrder, JobFrame[]]>([
  ['a choice too many', jobOrder(), [textFrame({ choice: 1 })]],
  ['a call for a choice too many', toolOrder(), [callFrame('look', 1)]],
  ['arguments before a call', toolOrder(), [arguments_()]],
  [
    'arguments in a choice without its call',
    toolOrder(),
    [callFrame('look'), arguments_({ choice: 1 })],
  ],
  ['a call when there are no tools', jobOrder(), [callFrame('look')]],
  ['a tool that is not there', toolOrder(), [callFrame('delete')]],
  ['another tool than the only one', toolOrder({ only: 'send' }), [callFrame('look')]],
  ['a second call of one', toolOrder({ atOnce: 'one' }), [callFrame('look'), callFrame('look')]],
  ['calls without end', toolOrder(), tooMany],
  ['a prompt nobody asked for', jobOrder(), [prompt(1)]],
  ['a prompt longer than it is', echo, [prompt(6)]],
  ['a prompt after the answer', echo, [textFrame({ chances: [chance('word')] }), prompt(1)]],
  ['chances nobody asked for', jobOrder(), [textFrame({ chances: [chance('word')] })]],
  ['no chances where they were asked for', told, [textFrame()]],
  ['a chance too few', told, [textFrame({ chars: [2, 2], chances: [chance('wo')] })]],
  ['chances of a thought', told, [textFrame({ part: 'thought', chances: [chance('word')] })]],
  ['tokens that are not the text', told, [textFrame({ chars: [3], chances: [chance('wor')] })]],
  ['rivals too many', told, [textFrame({ chances: [chance('word', ['a', 'b', 'c'])] })]],
  [
    'too many tokens in one choice',
    jobOrder({ choices: 2, maxTokens: 3 }),
    [textFrame({ choice: 1, text: 'abcde', chars: [1, 1, 1, 1, 1] })],
  ],
  ['too many characters', jobOrder({ maxTokens: 1 }), [textFrame({ text: 'x'.repeat(600) })]],
  ['an end of one choice of two', jobOrder({ choices: 2 }), [doneFrame([{}])]],
  ['an end of two choices of one', jobOrder(), [doneFrame([{}, {}])]],
  ['calls that were not made', toolOrder(), [doneFrame([{ finish: 'calls' }])]],
  ['a stop that was not given', jobOrder({ stop: ['x'] }), [doneFrame([{ stop: 1 }])]],
  ['a stop at the length', jobOrder({ stop: ['x'] }), [doneFrame([{ stop: 0, finish: 'length' }])]],
  [
    'more tokens than were asked for',
    jobOrder({ choices: 2, maxTokens: 4 }),
    [doneFrame([{}, {}], 9)],
  ],
  ['token ids', jobOrder(), [{ name: 'tokens.told', body: { job: 1, count: 0, ids: [] } }]],
  ['a vector', jobOrder(), [{ name: 'vectors.done', body: { job: 1, promptTokens: 0 } }]],
])('refuses %s', (_what, order, frames) => {
  expect(() => play(order, [startedFrame(), ...frames])).toThrow(
    expect.objectContaining({ code: 'WIRE_BROKEN' }),
  )
})

test.each<JobFrame>([
  textFrame(),
  callFrame('look'),
  doneFrame(),
  prompt(1),
  { name: 'job.progress', body: { job: 1, doneTokens: 0, promptTokens: 0 } },
])('refuses $name before job.started', (frame) => {
  expect(() => play(toolOrder(), [frame])).toThrow('before job.started')
})

test('after a cancel everything is dropped, until the job has ended', () => {
  const book = new JobBook(() => undefined)
  const { id } = book.open(jobOrder(), CONTEXT)
  book.cancel(id, 'hung-up')
  for (const frame of [startedFrame(), callFrame('look'), doneFrame([{}, {}])]) book.accept(frame)
  expect(book.has(id)).toBe(false)
})

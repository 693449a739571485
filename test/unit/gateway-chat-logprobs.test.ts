/** logprobs: each token with its text, and nothing of what is under a mask. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { assembled, bothForms } from './gateway-answers.ts'
import { testApp, type FakeJob, type TestApp } from './gateway-fakes.ts'
import { chance } from './gateway-orders.ts'

let current: TestApp
beforeEach(async () => {
  current = await testApp()
})
afterEach(async () => {
  await current.app.close()
})

/** One frame of these tokens, each with a rival. */
function say(job: FakeJob, ...tokens: string[]): FakeJob {
  return job.part({
    text: tokens.join(''),
    chars: tokens.map(({ length }) => length),
    chances: tokens.map((token) => chance(token, [`not ${token}`])),
  })
}

const ASKED = { logprobs: true, top_logprobs: 1 }

test('token, bytes, logprob and rivals', async () => {
  const { whole } = await bothForms(current, ASKED, (job) => say(job.started(), 'Hé', '!').done())
  expect(whole.choices[0]!.logprobs).toEqual({
    content: [
      {
        token: 'Hé',
        logprob: -0.5,
        bytes: [72, 195, 169],
        top_logprobs: [{ token: 'not Hé', logprob: -2, bytes: [...Buffer.from('not Hé')] }],
      },
      {
        token: '!',
        logprob: -0.5,
        bytes: [33],
        top_logprobs: [{ token: 'not !', logprob: -2, bytes: [...Buffer.from('not !')] }],
      },
    ],
    refusal: null,
  })
  expect(current.engine.jobs[0]!.order.topLogprobs).toBe(1)
})

test('nobody asked: null, whole and streamed', async () => {
  const { whole, chunks } = await bothForms(current, {}, (job) => job.started().text('x').done())
  expect(whole.choices[0]!.logprobs).toBeNull()
  expect(chunks.every(({ choices }) => choices[0]!.logprobs === null)).toBe(true)
})

test('each chunk has the tokens of its own text', async () => {
  const { whole, chunks } = await bothForms(current, ASKED, (job) =>
    say(say(job.started(), 'The ', 'capital'), ' of', ' France', ' is').done(),
  )
  for (const { choices } of chunks) {
    const [{ delta, logprobs }] = choices as [(typeof choices)[number]]
    if (logprobs === null) continue
    expect(logprobs.content.map(({ token }) => token).join('')).toBe(delta.content)
  }
  expect(assembled(chunks, 1)[0]!.logprobs).toEqual(whole.choices[0]!.logprobs)
  expect(whole.choices[0]!.logprobs!.content).toHaveLength(5)
})

test('tokens under a mask are one, which says the mask and nothing else', async () => {
  const { whole, chunks } = await bothForms(current, ASKED, (job) =>
    say(say(job.started(), 'a', ' sec'), 're', 't!', ' ok').done(),
  )
  const { logprobs, message } = whole.choices[0]!
  expect(message.content).toBe('a ******! ok')
  expect(logprobs!.content.map(({ token, logprob }) => [token, logprob])).toEqual([
    ['a', -0.5],
    [' ******!', -9999],
    [' ok', -0.5],
  ])
  expect(logprobs!.content[1]).toMatchObject({
    top_logprobs: [],
    bytes: [...Buffer.from(' ******!')],
  })
  expect(assembled(chunks, 1)[0]!.logprobs).toEqual(logprobs)
  for (const part of [' sec', 're', 't!']) {
    expect(JSON.stringify(logprobs)).not.toContain(`"not ${part}"`)
    expect(JSON.stringify(logprobs)).not.toContain(JSON.stringify([...Buffer.from(part)]))
  }
})

test('a character in two tokens', async () => {
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
  const { whole } = await bothForms(current, ASKED, (job) =>
    job
      .started()
      .part({
        text: 'é',
        chars: [0, 1],
        chances: [first, second].map((bytes) => ({
          ...chance(''),
          bytes: bytes.toString('base64'),
        })),
      })
      .done(),
  )
  const { content } = whole.choices[0]!.logprobs!
  expect(content.map(({ bytes }) => bytes)).toEqual([[195], [169]])
  expect(content.map(({ token }) => token)).toEqual(['\ufffd', '\ufffd'])
})

test('in JSON, too', async () => {
  const body = { ...ASKED, response_format: { type: 'json_object' } }
  const { whole } = await bothForms(current, body, (job) =>
    say(job.started(), '{"a', '":"', 'sec', 'ret', '\\n', '"}').done(),
  )
  const { logprobs, message } = whole.choices[0]!
  expect(message.content).toBe('{"a":"******\\n"}')
  expect(logprobs!.content.map(({ token }) => token)).toEqual(['{"a', '":"', '******', '\\n', '"}'])
})

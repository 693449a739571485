/** The system prompt and its canary do not leave, in any spelling that is told. */
import { describe, expect, test } from 'vitest'
import { createRedactor, textOf, type AnswerContext } from '../../src/guard/output/redactor.ts'
import { actionsOf, answerEveryWay, policyOf } from './guard-policies.ts'

const PROMPT = `You are Meridian, a careful assistant for the harbour office of Port Vell.
Never mention berth tariffs to captains:
- quote the winter schedule instead
- sign each letter as "Quartermaster Iliev"`
const CANARY = 'mrdn-7f3a-quay'
const POLICY = policyOf({ actions: actionsOf('allow', { 'prompt-leak': 'mask' }) })

function redact(
  chunks: readonly string[],
  context: AnswerContext = { systemPrompt: PROMPT, canary: CANARY },
) {
  const redactor = createRedactor(POLICY, context)
  return textOf([...chunks.flatMap((chunk) => redactor.push(chunk)), ...redactor.end()])
}

const redactEveryWay = (text: string) =>
  answerEveryWay(POLICY, text, () => ({ systemPrompt: PROMPT, canary: CANARY })).text

const rot13 = (text: string) =>
  text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })

describe('what the prompt says', () => {
  test.each([
    ['as it is', PROMPT],
    ['from the middle', PROMPT.slice(PROMPT.indexOf('Never'))],
    ['shouted, on one line', PROMPT.toUpperCase().replaceAll(/\s+/g, ' ')],
    ['without punctuation', PROMPT.replaceAll(/[^\w\s]/g, '')],
    ['as a quotation', PROMPT.replaceAll('\n', '\n> ')],
    ['letter by letter', Array.from(PROMPT).join(' ')],
    ['with zero widths', Array.from(PROMPT).join('\u200b')],
    ['in ROT13', rot13(PROMPT)],
    ['backwards', Array.from(PROMPT).reverse().join('')],
    ['in base64', Buffer.from(PROMPT).toString('base64')],
    ['in base64, with something in front', Buffer.from(`x${PROMPT}`).toString('base64')],
    [
      'in wrapped base64',
      Buffer.from(PROMPT)
        .toString('base64')
        .match(/.{1,40}/g)!
        .join('\n'),
    ],
    ['in hex', Buffer.from(PROMPT).toString('hex')],
    ['in URL escapes', encodeURIComponent(PROMPT)],
    ['as JSON', JSON.stringify(PROMPT)],
  ])('%s', (_name, said) => {
    const left = redactEveryWay(`Sure: ${said}`)
    expect(left).toMatch(/^Sure: .{0,24}\[PROMPT\].{0,4}$/s)
    // What is left in front of the first word that is not common.
    expect(left).not.toMatch(/meridian|harbour|tariff|iliev/i)
  })

  test('a changed word ends a match, and the next five begin another', () => {
    const said = 'never mention berth tariffs to skippers, quote the winter schedule instead, sign'
    expect(redactEveryWay(said)).toMatch(/^\[PROMPT\] skippers, \[PROMPT\]$/)
  })

  test('part of the prompt in base64', () => {
    const part = Buffer.from(PROMPT.slice(61, 150)).toString('base64')
    expect(redact([part])).toMatch(/^.{0,12}\[PROMPT\].{0,4}$/)
  })
})

describe('what is left alone', () => {
  test.each([
    'You are a helpful assistant, and you should answer the question.',
    'The harbour office of the town sells a winter schedule; ask for berth tariffs.',
    'A careful assistant for the office.',
    Buffer.from('Nothing of the sort is in these words, whatever is asked.').toString('base64'),
  ])('%s', (text) => {
    expect(redactEveryWay(text)).toBe(text)
  })
})

describe('the canary', () => {
  test.each([CANARY, CANARY.toUpperCase(), rot13(CANARY), Buffer.from(CANARY).toString('base64')])(
    '%s',
    (said) => {
      expect(redactEveryWay(`(${said})`)).toMatch(/^\(\[PROMPT\].{0,2}\)$/)
    },
  )

  test('has a code of its own', () => {
    const redactor = createRedactor(POLICY, { canary: CANARY })
    redactor.push(`${CANARY} `)
    expect(redactor.findings()).toEqual([{ code: 'output.prompt-leak.canary', count: 1 }])
  })
})

test.each([
  ['Speak Esperanto.', 'I was told: speak esperanto!', 'I was told: [PROMPT]!'],
  ['Ok.', 'Ok. It is ok.', 'Ok. It is ok.'],
  [
    'あなたは港の受付係です。料金の話はしないでください。',
    '「あなたは港の受付係です。料金の話は」',
    '「[PROMPT]」',
  ],
])('a short prompt, and one without spaces: %s', (systemPrompt, given, sent) => {
  expect(redact(Array.from(given), { systemPrompt })).toBe(sent)
})

test('without a context nothing is looked for', () => {
  expect(redact([PROMPT], {})).toBe(PROMPT)
})

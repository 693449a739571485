/** What an action leaves in the place of a match, and who hears of it; the same for every cut. */
import { describe, expect, test } from 'vitest'
import type { OutputAction } from '../../src/guard/classes.ts'
import { createJsonRedactor } from '../../src/guard/output/json-redactor.ts'
import { ANYWHERE } from '../../src/guard/output/mask-place.ts'
import { Pseudonyms } from '../../src/guard/output/pseudonyms.ts'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { actionsOf, answer, answerEveryWay, policyOf } from './guard-policies.ts'

const MAIL = 'ada@example.org'
const KEY = 'sk-local-0123456789012345678901234567890123456789012'

const all = (action: OutputAction) => policyOf({ actions: actionsOf(action) })

describe('what stands there', () => {
  test.each<[OutputAction, string, string]>([
    ['mask', `to ${MAIL}, ${MAIL}`, 'to [EMAIL], [EMAIL]'],
    ['flag', `to ${MAIL} and ${KEY}.`, `to ${MAIL} and ${KEY}.`],
    ['allow', `to ${MAIL} and ${KEY}.`, `to ${MAIL} and ${KEY}.`],
    ['partial', '4111 1111 1111 1234 4111 1111 1111 1111', '4111 1111 1111 1234 ****1111'],
    ['partial', 'a@b.co', '[EMAIL]'],
    ['pseudonym', `${MAIL} b@b.co ADA@example.org`, '[EMAIL_1] [EMAIL_2] [EMAIL_1]'],
    ['pseudonym', '4111111111111111 4111-1111-1111-1111', '[CARD_1] [CARD_1]'],
    // Its end is not known when it is masked.
    ['hash', KEY, '[SECRET]'],
    ['partial', KEY, '[SECRET]'],
    ['pseudonym', KEY, '[SECRET]'],
    ['stop', `to ${MAIL} and more`, 'to '],
  ])('%s: %s', (action, given, sent) => {
    expect(answerEveryWay(all(action), given).text).toBe(sent)
  })

  test('a hash: the same for one value, another for another', () => {
    const { text } = answerEveryWay(all('hash'), `${MAIL} ${MAIL.toUpperCase()} b@b.co`)
    const [first, second, third] = text.split(' ')
    expect(first).toMatch(/^\[EMAIL:[0-9a-f]{6}\]$/)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })
})

test('stop: what went before is out, and nothing comes after, whatever is pushed', () => {
  const redactor = createRedactor(policyOf({ actions: actionsOf('mask', { email: 'stop' }) }))
  const said = [...redactor.push(`card 4111111111111111 to ${MAIL} `), ...redactor.push('more')]
  expect(textOf([...said, ...redactor.pause(), ...redactor.push(MAIL), ...redactor.end()])).toBe(
    'card [CARD] to ',
  )
  expect(redactor.state()).toBe('blocked')
  expect(redactor.findings().map(({ code }) => code)).toEqual([
    expect.stringMatching(/^output\.card/),
    'output.email',
  ])
})

describe('who hears of it', () => {
  test('offsets of the source, with the rest of a long match', () => {
    const text = `${MAIL} ${KEY}\n-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- x`
    for (const action of ['mask', 'flag'] as const) {
      const { matches } = answerEveryWay(all(action), text)
      expect(matches.map(({ start, end, code }) => [code, text.slice(start, end)])).toEqual([
        ['output.email', MAIL],
        ['output.secret.secure-llm-key', KEY],
        ['output.secret.private-key', text.slice(text.indexOf('-----B'), -2)],
      ])
      expect(new Set(matches.map((match) => match.action))).toEqual(new Set([action]))
    }
  })

  test('a match that is flagged hides nothing that is masked', () => {
    const policy = policyOf({ actions: actionsOf('mask', { secret: 'flag' }) })
    const block = `-----BEGIN PRIVATE KEY-----\n${MAIL}\n-----END PRIVATE KEY-----`
    expect(answerEveryWay(policy, block)).toMatchObject({
      text: block.replace(MAIL, '[EMAIL]'),
      findings: [
        { code: 'output.secret.private-key', count: 1 },
        { code: 'output.email', count: 1 },
      ],
    })
  })
})

describe('what the client sent itself', () => {
  const policy = policyOf({ ownPersonalData: 'returned' })
  const own = () => ({ ownTexts: ['I am Ada@Example.org, card 4111-1111-1111-1111.'] })

  test('comes back, in any grouping and case; nobody else’s does', () => {
    const given = `${MAIL}, 4111 1111 1111 1111, xada@example.org, b@b.co`
    const sent = `${MAIL}, 4111 1111 1111 1111, [EMAIL], [EMAIL]`
    expect(answerEveryWay(policy, given, own).text).toBe(sent)
  })

  test('a secret does not, and nothing does where the policy guards it', () => {
    const sent = () => ({ ownTexts: [`${KEY} ${MAIL}`] })
    expect(answerEveryWay(policy, KEY, sent).text).toBe('[SECRET]')
    expect(answerEveryWay(policyOf(), MAIL, sent).text).toBe('[EMAIL]')
  })
})

test('pseudonyms: one conversation, several texts, and the way back', () => {
  const pseudonyms = new Pseudonyms()
  const policy = all('pseudonym')
  expect(answer(policy, [MAIL], { pseudonyms }).text).toBe('[EMAIL_1]')
  expect(answer(policy, ['b@b.co', ` ${MAIL}`], { pseudonyms }).text).toBe('[EMAIL_2] [EMAIL_1]')
  expect(pseudonyms.restore('[EMAIL_1], [EMAIL_2], [EMAIL_3], [CARD_1]')).toBe(
    `${MAIL}, b@b.co, [EMAIL_3], [CARD_1]`,
  )
})

test('JSON stays JSON under every action, and ends where an answer is stopped', () => {
  const document = JSON.stringify({ to: [MAIL, `"${KEY}\\`], card: 4111111111111111 })
  const redact = (action: OutputAction) => {
    const redactor = createJsonRedactor(createRedactor(all(action)), ANYWHERE)
    const text = textOf([...redactor.push(document), ...redactor.end()])
    return { text, state: redactor.state() }
  }
  for (const action of ['mask', 'hash', 'partial', 'pseudonym', 'flag'] as const) {
    const { text, state } = redact(action)
    expect(state).toBe('whole')
    JSON.parse(text)
  }
  expect(redact('stop')).toEqual({ text: '{"to":["', state: 'blocked' })
})

/** Ways past the guard that were open once, or that would be cheap to open again. */
import { describe, expect, test } from 'vitest'
import { inspectTexts } from '../../src/guard/input/inspect.ts'
import { createRedactor, textOf } from '../../src/guard/output/redactor.ts'
import { FLAG } from './guard-input-settings.ts'
import { MASKING } from './guard-policies.ts'

const inspect = (content: string) => inspectTexts([{ content, origin: 'user' }], FLAG)

function redact(text: string): string {
  const redactor = createRedactor(MASKING)
  return textOf([
    ...Array.from(text).flatMap((character) => redactor.push(character)),
    ...redactor.end(),
  ])
}

const PEM = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----'
const LOCAL = `sk-local-${'aB3_-'.repeat(8)}xyz`

describe('output', () => {
  test.each([
    ['a sixth dash in front of a block', `-${PEM}`, '-[SECRET]'],
    ['two blocks with nothing between', PEM + PEM, '[SECRET][SECRET]'],
    [
      'an OpenPGP block',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ\n-----END PGP PRIVATE KEY BLOCK-----.',
      '[SECRET].',
    ],
    ['a key in Markdown', `_${LOCAL}_ and -${LOCAL}`, '_[SECRET] and -[SECRET]'],
    ['a key in a name', `KEY_AKIA${'A1'.repeat(8)}`, 'KEY_[SECRET]'],
    ['a key of letters alone', `sk-local-${'abcdefgh'.repeat(5)}xyz`, '[SECRET]'],
    ['a first-generation key', `sk-${'aB1'.repeat(16)}`, '[SECRET]'],
    ['cards in a row', '4111 1111 1111 1111 5555-5555-5555-4444', '[CARD] [CARD]'],
    ['a card behind a short number', '7 4111 1111 1111 1111', '7 [CARD]'],
    ['addresses in a row', 'a@example.org,b@example.org', '[EMAIL],[EMAIL]'],
  ])('%s', (_name, given, sent) => {
    expect(redact(given)).toBe(sent)
  })

  test.each([
    'pip install sk-learn-compatible-estimators',
    'the task-force, a risk-free disk-partitioning-and-formatting-tool',
    'AKIA is a prefix, and so are AIza, ghp_ and xoxb-',
    '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
    'order 4111 1111 1111 1112, part 1234567890123456',
    'user@localhost and @handle and a @ b',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

describe('input', () => {
  test('code points that are not assigned yet, and that nobody sees', () => {
    const hidden = '\u{E0000}\u{E0002}\u{E0080}\u{E01F0}\u{E0FFF}\u2065\uFFF0\uFFF8'
    const { texts, findings } = inspect(`a${hidden}b`)
    expect(texts[0]?.content).toBe('ab')
    expect(findings.every(({ code }) => code.startsWith('input.invisible.'))).toBe(true)
  })

  test('a text that grows in normalisation is measured as it leaves', () => {
    const note = '\u{1D160}'
    expect(note.normalize('NFC').length).toBe(3 * note.length)
    const { verdict, findings } = inspect(note.repeat(FLAG.maxMessageChars / 4))
    expect(verdict).toBe('refuse')
    expect(findings).toEqual([{ code: 'input.message-too-long', count: 1 }])
  })

  test('the longest message of flags, or of anything else, takes no more than its length', () => {
    const flag = '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'
    for (const unit of [flag, '\u200B', '👩\u200D', '\u{1F3F4}\u{E0067}', 'क\u200D']) {
      const text = unit.repeat(Math.floor(FLAG.maxMessageChars / unit.length))
      const startMs = performance.now()
      inspect(text)
      // Quadratic work took 15 s here; linear work takes 0.1 s on a busy machine.
      expect(performance.now() - startMs).toBeLessThan(3000)
    }
  })

  test('joiners cannot be stacked on a letter that needs one', () => {
    expect(inspect(`क${'\u200D'.repeat(20)}ष`).texts[0]?.content).toBe('क\u200Dष')
    expect(inspect(`ی${'\u200C'.repeat(20)}خ`).texts[0]?.content).toBe('ی\u200Cخ')
    // The selectors of Mongolian belong to its script; four of them would be two bits each.
    const bits = '\u180B\u180C\u180D\u180F'
    expect(inspect(`ᠠ${bits.repeat(5)}ᠡ`).texts[0]?.content).toBe('ᠠ\u180Bᠡ')
  })
})

test('a text that pauses: what was held leaves, and a block without its end stays masked', () => {
  const redactor = createRedactor(MASKING)
  const said = [
    ...redactor.push('ada@exam'),
    ...redactor.pause(),
    ...redactor.push('\n-----BEGIN PRIVATE KEY-----\nMIIE'),
    ...redactor.pause(),
    ...redactor.push('\nCANARY'),
    ...redactor.end(),
    // Another text: nothing of the block goes on.
    ...redactor.push('free'),
    ...redactor.end(),
  ]
  expect(textOf(said)).toBe('ada@exam\n[SECRET]free')
})

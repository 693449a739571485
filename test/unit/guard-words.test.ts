/** What the operator has named: words of a deny-list, and patterns. */
import { describe, expect, test } from 'vitest'
import { actionsOf, answerEveryWay, policyOf } from './guard-policies.ts'

const deny = (...denyList: string[]) =>
  policyOf({ actions: actionsOf('allow', { deny: 'mask' }), denyList })

const pattern = (source: string, literal?: string) =>
  policyOf({
    actions: actionsOf('allow', { pattern: 'mask' }),
    patterns: [{ name: 'own', pattern: source, ...(literal !== undefined && { literal }) }],
  })

describe('deny-list', () => {
  const policy = deny('Projekt Zürich', 'zürich', 'C++', '#internal', 'he', 'she said', 'aab')
  test.each([
    ['PROJEKT  ZURICH!', '[REMOVED]!'],
    ['projekt\n  zu\u0308rich', '[REMOVED]'],
    ['pro\u200bjekt Zürich', '[REMOVED]'],
    ['in Ｚürich.', 'in [REMOVED].'],
    ['Projekt Bern, Zürichs, ZürichX', 'Projekt Bern, Zürichs, ZürichX'],
    ['C++ and c++11', '[REMOVED] and [REMOVED]11'],
    ['not#internal', 'not[REMOVED]'],
    ['she, he; she said', 'she, [REMOVED]; [REMOVED]'],
    ['aaab aab', 'aaab [REMOVED]'],
    ['she sai he', 'she sai [REMOVED]'],
    ['', ''],
  ])('%s', (given, sent) => {
    expect(answerEveryWay(policy, given).text).toBe(sent)
  })

  test('what it falls back to is found: an entry within the beginning of another', () => {
    const inner = deny('#abcde', '#bc', 'c d', '+cde', 'b+cd#')
    const sent = answerEveryWay(inner, '#abcdX a#bcX b+cdeX c dX c d.').text
    expect(sent).toBe('#abcdX a#bcX b+cdeX c dX [REMOVED].')
    expect(answerEveryWay(deny('##a!', '#!', '!#'), '##!## a').text).toBe('#[REMOVED]## a')
  })

  test('the same as looking at every place', () => {
    const entries = ['#a#b', '#b', 'a#', '##', '#a##']
    const automaton = deny(...entries)
    for (let seed = 0; seed < 400; seed++) {
      const given = Array.from({ length: 12 }, (_, i) => 'ab##'[(seed * (i + 7) * 31 + i * i) % 4])
      const text = given.join('')
      let left = ''
      for (let at = 0; at < text.length;) {
        const fits = entries.filter(
          (entry) =>
            text.startsWith(entry, at) &&
            !(/^\w/.test(entry) && /\w$/.test(text.slice(0, at))) &&
            !(/\w$/.test(entry) && /^\w/.test(text.slice(at + entry.length))),
        )
        const longest = Math.max(0, ...fits.map(({ length }) => length))
        left += longest > 0 ? '[REMOVED]' : text.charAt(at)
        at += Math.max(1, longest)
      }
      expect(answerEveryWay(automaton, text).text).toBe(left)
    }
  })

  test.each([[''], ['  '], ['x'.repeat(129)]])('an entry that is refused: %j', (entry) => {
    expect(() => deny('fine', entry)).toThrow('denyList[1]')
  })
})

describe('patterns', () => {
  test.each([
    ['OPS-[0-9]{4,8}', 'see OPS-12345, OPS-1', 'see [REMOVED], OPS-1'],
    ['(?i)ops-[0-9]+', 'Ops-1 oPS-22', '[REMOVED] [REMOVED]'],
    ['\\bcat\\b', 'cat concat cats cat', '[REMOVED] concat cats [REMOVED]'],
    ['[a-z]+@corp', 'a b cd@corp e', 'a b [REMOVED] e'],
    [
      '(?m)^secret: .*$',
      'secret: a\nno secret: b\nsecret: c',
      '[REMOVED]\nno secret: b\n[REMOVED]',
    ],
    ['a(bc)*d|xyzzy', 'xyzzy', ''],
    ['(?:ab|cd)-key', 'ab-key cd-key ef-key', '[REMOVED] [REMOVED] ef-key'],
    ['(foo)?bar', 'foobar bar foo', '[REMOVED] [REMOVED] foo'],
    ['ключ-\\d', 'КЛЮЧ ключ-7', 'КЛЮЧ [REMOVED]'],
    ['x{2}.😀+', 'xx-😀😀!', '[REMOVED]!'],
  ])('%s', (source, given, sent) => {
    if (sent === '') expect(() => pattern(source)).toThrow('literal')
    else expect(answerEveryWay(pattern(source), given).text).toBe(sent)
  })

  test('a match of at most 256 characters, however the text goes on', () => {
    const policy = pattern('ab.*')
    expect(answerEveryWay(policy, `ab${'c'.repeat(300)}`).text).toBe(`[REMOVED]${'c'.repeat(46)}`)
    expect(answerEveryWay(pattern('.*@corp'), `${'x'.repeat(300)}@corp`).text).toMatch(
      /^x{4,50}\[REMOVED\]$/,
    )
  })

  test('a code of its own', () => {
    expect(answerEveryWay(pattern('OPS-\\d'), 'OPS-1').findings).toEqual([
      { code: 'output.pattern.own', count: 1 },
    ])
  })

  test.each([
    ['no pattern', '(', undefined],
    ['no pattern: a lookbehind', '(?<=a)bc', undefined],
    ['no pattern: a back reference', '(ab)\\1', undefined],
    ['matches nothing', '(ab)*', undefined],
    ['matches an edge', '\\b', 'ab'],
    ['no literal', '[ab][cd]', undefined],
    ['a literal of one', 'a[bc]', undefined],
    ['too long', 'ab'.repeat(200), undefined],
    ['too many steps', '(ab{1,999}){3}', undefined],
  ])('is refused, without being quoted: %s', (_name, source, literal) => {
    const make = () => pattern(source, literal)
    expect(make).toThrow(expect.objectContaining({ code: 'GUARD_SETTINGS' }))
    expect(make).not.toThrow(source)
  })

  test('a name that is none', () => {
    const actions = actionsOf('mask')
    expect(() => policyOf({ actions, patterns: [{ name: 'A b', pattern: 'abc' }] })).toThrow('name')
  })
})

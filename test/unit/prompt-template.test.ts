import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { Disguise } from '../../src/engine/prompt/disguise.ts'
import { makeValue } from '../../src/engine/prompt/jinja-values.ts'
import { ChatTemplate } from '../../src/engine/prompt/template.ts'
import { formatTime } from '../../src/engine/prompt/template-time.ts'

const asked = (messages: readonly object[]) =>
  ({ messages: makeValue(messages), tools: null, ends: 'asked', settings: {} }) as const
const WORDS = { bos: '<s>', eos: '</s>' }

function render(source: string, content = 'hello'): string {
  return new ChatTemplate(source).render(
    asked([{ role: 'user', content }]),
    WORDS,
    new Disguise(['<', '>'], [source, content]),
  )
}

const loop = (body: string, count = 60) =>
  `{% set ns = namespace(s='ab', a=[1]) %}{% for i in range(${count}) %}${body}{% endfor %}`

describe('a hostile template costs little and is a fault', () => {
  test.each([
    ['a long range', '{% for i in range(300000000) %}x{% endfor %}'],
    ['a range of a fraction', '{% for i in range(0, 1, 0.000000001) %}x{% endfor %}'],
    ['a range that never ends', '{{ range(0, 1, 0) }}'],
    ['loops in loops', loop(loop(loop(loop('x', 9999), 9999), 9999), 9999)],
    ['empty loops in loops', loop(loop('', 9999), 9999)],
    ['a string that doubles', loop('{% set ns.s = ns.s ~ ns.s %}')],
    ['a list that doubles', loop('{% set ns.a = ns.a + ns.a %}')],
    ['a list of lists that doubles', loop('{% set ns.a = [ns.a, ns.a] %}') + '{{ ns.a | tojson }}'],
    ['an object that doubles', loop("{% set ns.a = {'l': ns.a, 'r': ns.a} %}") + '{{ ns.a }}'],
    [
      'a namespace in a namespace',
      '{% set a = namespace() %}{% set b = namespace(x=a) %}{{ b.x }}',
    ],
    ['a namespace in itself', '{% set a = namespace() %}{% set a.x = [a] %}{{ a | tojson }}'],
    ['a macro that calls itself', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}'],
    [
      'a macro that calls itself twice',
      '{% macro f(n) %}{% if n %}{{ f(n-1) ~ f(n-1) }}{% endif %}{% endmacro %}{{ f(40) }}',
    ],
    ['an indent of a thousand million', "{{ 'a\\nb' | indent(1000000000, true) }}"],
    ['the same as a statement', '{% filter indent(1000000000, true) %}a{% endfilter %}'],
    ['JSON indented as far', '{{ [[1]] | tojson(indent=1000000000) }}'],
    [
      'a long replacement',
      loop('{% set ns.s = ns.s ~ ns.s %}', 18) + '{{ ns.s.replace("a", ns.s) }}',
    ],
    ['a long separator', loop('{% set ns.s = ns.s ~ ns.s %}', 18) + '{{ ns.s | join(ns.s) }}'],
    [
      'an empty word replaced',
      loop('{% set ns.s = ns.s ~ ns.s %}', 18) + '{{ ns.s | replace("", ns.s) }}',
    ],
    ['a long list sorted often', loop('{% set ns.a = range(9999) | sort %}', 9999)],
    [
      'a string searched often',
      loop('{% set ns.s = ns.s ~ ns.s %}', 19) +
        "{% for i in range(9999) %}{% if 'x' in ns.s %}{% endif %}{% endfor %}",
    ],
  ])('%s', (_, source) => {
    const start = performance.now()
    expect(() => render(source)).toThrow(Fault)
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  test.each([
    ['too long', 'x'.repeat(70_000)],
    ['a gap', `a${' '.repeat(60_000)}b`],
    ['nested too deep', `{{ ${'('.repeat(30_000)}1${')'.repeat(30_000)} }}`],
    ['lists too deep', `{{ ${'['.repeat(30_000)}${']'.repeat(30_000)} }}`],
    ['not closed', '{% for x in messages %}'],
    ['not Jinja', '{{ %'],
    ['a bad escape', "{{ '\\q' }}"],
  ])('%s', (_, source) => {
    expect(() => render(source)).toThrow(Fault)
  })

  test('a fault says nothing of the messages', () => {
    for (const source of [
      "{{ raise_exception('no ' + messages[0].content) }}",
      '{{ messages[0].content.nothing() }}',
      '{{ messages[0].content / 2 }}',
    ]) {
      expect(() => render(source, 'SECRET')).toThrow(/^((?!SECRET).)*$/s)
    }
  })
})

describe('what real templates use', () => {
  test.each([
    ['{{ messages[0].content | trim }}', '  a ', 'a'],
    ['{{ messages[0]["content"].split("b")[-1] }}', 'abc', 'c'],
    ['{{ messages[0]["content"].split("b", 1) | length }}', 'abcbd', '2'],
    ['{{ messages[0].content.replace("<x>", "y") }}', 'a<x>b<x>', 'ayby'],
    ['{{ messages[0].content.replace("a", "b", 1) }}', 'aaa', 'baa'],
    ['{{ messages[0].content | length }}', '<abc>', '5'],
    ['{{ messages[0].content | tojson }}', 'a"b\n', '"a\\"b\\n"'],
    ['{{ messages[0].content.rstrip("!") }}', 'hi!!', 'hi'],
    ['{{ messages[0].content.endswith(">") }}', '<b>', 'True'],
    ['{{ (messages | selectattr("role", "equalto", "user") | list) | length }}', 'x', '1'],
    ['{{ missing | length }}{% for x in missing %}{% endfor %}', 'x', '0'],
    ["{{ '<a{}>'.format(':b') }}", 'x', '<a:b>'],
    ['{{ "tools" if tools else "none" }}', 'x', 'none'],
    ['{% for m in messages[::-1] %}{{ m.role }}{% endfor %}', 'x', 'user'],
    ['{{ bos_token }}{{ eos_token }}{{ add_generation_prompt }}', 'x', '<s></s>True'],
    ["{% filter upper %}a{{ 'b' }}{% endfilter %}", 'x', 'AB'],
    ['{% for i in range(3) %}{{ i }}{% endfor %}{{ range(5, 1, -2) | join(",") }}', 'x', '0125,3'],
    [
      "{% macro f(a, b='z') %}[{{ a }}{{ b }}]{% endmacro %}{{ f('x') }}{{ f('x', b='y') }}",
      'x',
      '[xz][xy]',
    ],
  ])('%s of %j', (source, content, expected) => {
    expect(render(source, content)).toBe(expected)
  })

  test('1,024 messages through a template that looks back at all of them', () => {
    const source =
      '{% set ns = namespace(last=0) %}{% for m in messages[::-1] %}{% set i = (messages|length - 1) - loop.index0 %}' +
      "{% if m.role == 'user' and not m.content.startswith('<tool_response>') %}{% set ns.last = i %}{% endif %}{% endfor %}" +
      "{% for m in messages %}{% if '</think>' in m.content %}t{% endif %}{{ m.role + m.content|trim }}{% endfor %}"
    const messages = Array.from({ length: 1024 }, (_, i) => ({ role: 'user', content: `m${i}` }))
    const text = new ChatTemplate(source).render(asked(messages), WORDS, new Disguise([], []))
    expect(text.endsWith('userm1023')).toBe(true)
  })
})

test('times are written in English', () => {
  const time = new Date(2026, 10, 3, 9, 5)
  expect(formatTime(time, '%d %b %Y, %A %B %H:%M %% %Q')).toBe(
    '03 Nov 2026, Tuesday November 09:05 % %Q',
  )
})

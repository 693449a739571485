import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../src/audit/canonical.ts'
import { FIRST_LINK, nextLink } from '../../src/audit/chain.ts'
import { makeRecord, MAX_LINE_BYTES } from '../../src/audit/record.ts'
import { verifyLog } from '../../src/audit/verify.ts'

const ZEROS = '0'.repeat(64)

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

function lines(types: readonly string[], from: Uint8Array = FIRST_LINK): string[] {
  let previousLink = from
  return types.map((type, seq) => {
    const time = new Date(1_800_000_000_000 + seq)
    const made = makeRecord({ type }, { seq, time, actor: 'keeper', previousLink })
    previousLink = made.link
    return made.line.toString()
  })
}

/** A record whose own link is right, whatever its fields. */
function forge(fields: object, previous: string): string {
  const body = { v: 1, time: '2027-01-15T08:00:00.000Z', type: 'a.b', actor: 'cli', ...fields }
  const link = nextLink(Buffer.from(previous, 'hex'), Buffer.from(canonicalize(body)))
  return `${canonicalize({ ...body, link: link.toString('hex') })}\n`
}

const [a = '', b = '', c = ''] = lines(['one.a', 'two.b', 'three.c'])
const linkOf = (line: string): string => (JSON.parse(line) as { link: string }).link
const editedB = b.replace('two.b', 'two.x')
const withLink = (line: string, link: string) => line.replace(linkOf(line), link)

describe('the first bad record is named', () => {
  test.each([
    { log: 'edited', text: a + editedB + c, line: 2, why: 'wrong link' },
    {
      log: 'edited, with a fresh link of its own',
      text: a + forge({ seq: 1, previous: linkOf(a), type: 'two.x' }, linkOf(a)) + c,
      line: 3,
      why: 'wrong previous link',
    },
    { log: 'removed', text: a + c, line: 2, why: 'wrong seq' },
    { log: 'swapped', text: a + c + b, line: 2, why: 'wrong seq' },
    { log: 'doubled', text: a + a, line: 2, why: 'wrong seq' },
    { log: 'head cut off', text: b + c, line: 1, why: 'wrong seq' },
    {
      log: 'put in front',
      text: forge({ seq: 0, previous: ZEROS }, ZEROS) + a,
      line: 2,
      why: 'wrong seq',
    },
    {
      log: 'hashed over another previous link',
      text: forge({ seq: 0, previous: ZEROS }, linkOf(a)),
      line: 1,
      why: 'wrong link',
    },
    { log: 'another link', text: withLink(a, 'f'.repeat(64)) + b, line: 1, why: 'wrong link' },
    { log: 'an empty line', text: `${a}\n${b}`, line: 2, why: 'empty line' },
    { log: 'a line of spaces', text: `${a}  \n`, line: 2, why: 'not JSON' },
    {
      log: 'half a line, then a newline',
      text: `${a}${b.slice(0, 40)}\n${c}`,
      line: 2,
      why: 'not JSON',
    },
    { log: 'CR LF', text: a.replace('\n', '\r\n'), line: 1, why: 'not canonical' },
    { log: 'a byte order mark', text: `\ufeff${a}`, line: 1, why: 'not JSON' },
    { log: 'a space', text: a.replace('":', '": '), line: 1, why: 'not canonical' },
    {
      log: 'a member twice',
      text: a.replace('{', '{"actor":"cli",'),
      line: 1,
      why: 'not canonical',
    },
    {
      log: 'another order',
      text: a.replace(',"v":1}', '}').replace('{', '{"v":1,'),
      line: 1,
      why: 'not canonical',
    },
    {
      log: 'a number written otherwise',
      text: a.replace('"v":1', '"v":1.0'),
      line: 1,
      why: 'not canonical',
    },
    {
      log: 'an escape too many',
      text: a.replace('one.a', 'one.\\u0061'),
      line: 1,
      why: 'not canonical',
    },
    { log: 'a list', text: '[]\n', line: 1, why: 'not a record' },
    { log: 'null', text: 'null\n', line: 1, why: 'not a record' },
    {
      log: 'another version',
      text: forge({ v: 2, seq: 0, previous: ZEROS }, ZEROS),
      line: 1,
      why: 'not a record',
    },
    {
      log: 'seq as text',
      text: forge({ seq: '0', previous: ZEROS }, ZEROS),
      line: 1,
      why: 'not a record',
    },
    { log: 'no previous', text: forge({ seq: 0 }, ZEROS), line: 1, why: 'not a record' },
    {
      log: 'a time without zone',
      text: forge({ seq: 0, previous: ZEROS, time: '2027-01-15' }, ZEROS),
      line: 1,
      why: 'not a record',
    },
    {
      log: 'upper-case link',
      text: withLink(a, linkOf(a).toUpperCase()),
      line: 1,
      why: 'not a record',
    },
    {
      log: 'too long',
      text: `${a}"${'x'.repeat(MAX_LINE_BYTES)}"\n`,
      line: 2,
      why: 'line too long',
    },
  ])('$log: line $line, $why', async ({ text, line, why }) => {
    const verdict = await verifyLog(chunksOf(text))
    expect(verdict).toMatchObject({ ok: false, firstBad: { line, why }, records: line - 1 })
  })

  test('bytes that are not UTF-8', async () => {
    const verdict = await verifyLog(chunksOf(a, Buffer.from([0x22, 0xff, 0x22, 0x0a])))
    expect(verdict).toMatchObject({ ok: false, firstBad: { line: 2, why: 'not UTF-8' } })
  })
})

describe('what is not damage', () => {
  test('an empty log', async () => {
    expect(await verifyLog(chunksOf())).toMatchObject({ ok: true, records: 0, head: ZEROS })
  })

  test('every cut inside the last line is torn, a cut at its end is whole', async () => {
    const text = a + b + c
    for (let end = (a + b).length; end <= text.length; end++) {
      const verdict = await verifyLog(chunksOf(text.slice(0, end)))
      const torn = end === text.length ? 0 : end - (a + b).length
      expect(verdict).toMatchObject({ ok: true, tornLastLineBytes: torn })
      expect(verdict.goodBytes).toBe(end - torn)
      expect(verdict.records).toBe(end === text.length ? 3 : 2)
    }
  })

  test('a torn line longer than any line, in small chunks', async () => {
    const chunks = Array.from({ length: 100 }, () => 'x'.repeat(5000))
    expect(await verifyLog(chunksOf(a, ...chunks))).toMatchObject({
      ok: true,
      records: 1,
      tornLastLineBytes: 500_000,
    })
  })

  test('a record type of tomorrow, with members not known today', async () => {
    const line = forge({ seq: 0, previous: ZEROS, type: 'audit.checkpoint', note: 'x\ny\n' }, ZEROS)
    expect(await verifyLog(chunksOf(line))).toMatchObject({ ok: true, records: 1 })
  })

  // A limit of a chain, kept here so that nobody takes it for more.
  test('a tail cut at a line’s end is not seen', async () => {
    expect(await verifyLog(chunksOf(a + b))).toMatchObject({ ok: true, records: 2 })
  })
})

test('a record that is too long is refused when it is made', () => {
  const codes = Array.from({ length: 4000 }, () => 'x'.repeat(64))
  const place = { seq: 0, time: new Date(0), actor: 'cli', previousLink: FIRST_LINK } as const
  expect(() => makeRecord({ type: 'a.b', codes }, place)).toThrow(RangeError)
})

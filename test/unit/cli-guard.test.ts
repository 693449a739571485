/** `guard check` and `guard redact`, run as functions with streams of our own. */
import { Readable, Writable } from 'node:stream'
import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { parseCall } from '../../src/cli/arguments.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { guardCheck, guardRedact } from '../../src/cli/commands/guard.ts'
import { namedProfile } from '../../src/cli/guard/profile.ts'
import { EVERYWHERE } from '../../src/cli/settings.ts'
import { EXIT, Fault } from '../../src/errors.ts'

const Line = z.strictObject({
  score: z.number().min(0).max(1),
  verdict: z.enum(['allow', 'flag', 'redact', 'refuse', 'stop']),
  findings: z.array(
    z.strictObject({ type: z.string(), start: z.int(), end: z.int(), action: z.string() }),
  ),
  redacted: z.string(),
})

class Kept extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

function invocationOf(command: string, signal = new AbortController().signal) {
  const { row, options, positionals } = parseCall(command.split(' '), COMMANDS, EVERYWHERE)
  const silent = () => undefined
  const terminal = { out: silent, note: silent, draw: silent, interactive: false }
  const run = row.name === 'guard check' ? guardCheck : guardRedact
  return { run, invocation: { terminal, options, positionals, signal, hurry: signal } }
}

async function guard(command: string, input: string | Uint8Array | Readable) {
  const { run, invocation } = invocationOf(command)
  const output = new Kept()
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const source = bytes instanceof Uint8Array ? Readable.from([bytes]) : bytes
  const code = await run(invocation, { input: source, output })
  const lines = output.text.split('\n')
  expect(lines.pop()).toBe('')
  return { code, lines: lines.map((line) => Line.parse(JSON.parse(line))) }
}

const fault = (message: string | RegExp) =>
  expect.objectContaining<Partial<Fault>>({
    code: 'CLI_USAGE',
    message: expect.stringMatching(message) as string,
  }) as unknown
const jsonl = (texts: readonly string[]) =>
  texts.map((text) => `${JSON.stringify({ id: 1, text })}\n`).join('')

describe('what is read', () => {
  test('text is one text, with all its lines', async () => {
    const { lines } = await guard('guard redact', 'one\r\n{"text":"two"}\nmail anna@example.com')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.redacted).toBe('one\r\n{"text":"two"}\nmail [EMAIL]')
    const at = lines[0]?.findings[0]
    expect(at).toMatchObject({ start: 25, end: 41, action: 'mask' })
  })

  test.each(['[1]', '{"text":5}', '{"data":"x"}', '{', '"text"', '1', '{"text":"x"'])(
    'a first line %s is text',
    async (first) => {
      expect((await guard('guard check', `${first}\nmore`)).lines[0]?.redacted).toBe(
        `${first}\nmore`,
      )
    },
  )

  test('JSONL is a text a line, in order; empty lines are none', async () => {
    const { lines } = await guard('guard check', `\n${jsonl(['a', '', 'b\nc'])}\n\n${jsonl(['d'])}`)
    expect(lines.map(({ redacted }) => redacted)).toEqual(['a', '', 'b\nc', 'd'])
  })

  test('nothing is nothing, and the last line needs no end', async () => {
    expect(await guard('guard check', '')).toEqual({ code: EXIT.ok, lines: [] })
    expect((await guard('guard check', '{"text":"x"}')).lines).toHaveLength(1)
    expect((await guard('guard check', '\ufeff{"text":"x"}')).lines[0]?.redacted).toBe('x')
  })

  test('it does not matter where the bytes are cut', async () => {
    const bytes = Buffer.from(jsonl(['grüße 🙂 anna@example.com', '漢字\u2028']))
    const whole = await guard('guard redact', bytes)
    for (let at = 0; at <= bytes.length; at++) {
      const cut = Readable.from([bytes.subarray(0, at), bytes.subarray(at)])
      expect(await guard('guard redact', cut)).toEqual(whole)
    }
  })

  test('a line is answered before the next one is there', async () => {
    const { run, invocation } = invocationOf('guard check')
    const output = new Kept()
    const seen: number[] = []
    async function* slow() {
      for (const text of ['a', 'b', 'c']) {
        yield Buffer.from(jsonl([text]))
        await new Promise((resolve) => setTimeout(resolve, 20))
        seen.push(output.text.split('\n').length - 1)
      }
    }
    await run(invocation, { input: Readable.from(slow()), output })
    expect(seen).toEqual([1, 2, 3])
  })
})

describe('what is wrong with the input is named with its line, and without its text', () => {
  const good = jsonl(['fine'])
  test.each([
    { what: 'no JSON', input: `${good}\n${good}canary\n`, line: 4 },
    { what: 'no object', input: `${good}["canary"]`, line: 2 },
    { what: 'no text', input: `${good}{"canary":1}\n${good}`, line: 2 },
    { what: 'no string', input: `${good}{"text":["canary"]}\n`, line: 2 },
  ])('$what', async ({ input, line }) => {
    const failed = guard('guard check', input)
    await expect(failed).rejects.toEqual(fault(new RegExp(`^line ${line} is no JSON object`)))
    await expect(failed).rejects.not.toThrow(/canary/)
  })

  test('not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0x0a])])
    await expect(guard('guard check', bytes)).rejects.toEqual(fault(/line [12]$/))
    await expect(guard('guard check', Buffer.from([0x61, 0xe2, 0x80]))).rejects.toEqual(
      fault('line 1'),
    )
  })

  test('a line without an end is not gathered for ever', async () => {
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield Buffer.alloc(65_536, 0x78)
      }
    }
    const command = 'guard check --set guard.maxMessageChars=1000'
    await expect(guard(command, Readable.from(endless()))).rejects.toEqual(
      fault(/^line 1: longer than 71536/),
    )
    expect(given).toBeLessThan(10)
    const short = 'x\n'.repeat(60_000)
    await expect(guard(command, short)).rejects.toEqual(fault(/^line \d+: longer/))
  })
})

describe('what is said', () => {
  test('the findings of an output, the same for pieces of every length', async () => {
    const text = 'from anna@example.com to bob@example.org, card 4111 1111 1111 1111.'
    const whole = await guard('guard redact', jsonl([text]))
    expect(whole.lines[0]).toMatchObject({ score: 1, verdict: 'redact' })
    expect(whole.lines[0]?.findings.map(({ start, end }) => text.slice(start, end))).toEqual([
      'anna@example.com',
      'bob@example.org',
      '4111 1111 1111 1111',
    ])
    for (let chunk = 1; chunk <= text.length + 1; chunk++) {
      expect(await guard(`guard redact --chunk ${chunk}`, jsonl([text]))).toEqual(whole)
    }
  })

  test('a message that is too long is refused, and nothing of it goes on', async () => {
    const { lines } = await guard(
      'guard check --set guard.maxMessageChars=10',
      jsonl(['x'.repeat(11)]),
    )
    const finding = { type: 'input.message-too-long', start: 0, end: 11, action: 'refuse' }
    expect(lines).toEqual([{ score: 1, verdict: 'refuse', findings: [finding], redacted: '' }])
  })

  test('exit code: 0 whatever is found, 3 with --fail', async () => {
    const found = jsonl(['fine', 'a\u200bb'])
    expect((await guard('guard check', found)).code).toBe(EXIT.ok)
    expect((await guard('guard check --fail', found)).code).toBe(EXIT.refused)
    expect((await guard('guard check --fail', jsonl(['fine']))).code).toBe(EXIT.ok)
  })

  test('half a character stays well-formed JSON', async () => {
    const { lines } = await guard('guard redact', '{"text":"\\ud83d x"}')
    expect(lines[0]?.redacted).toBe('\ud83d x')
  })
})

describe('the command line', () => {
  test.each([
    { command: 'guard check --as system', message: '--as takes user, document, output' },
    { command: 'guard check --chunk 4', message: '--chunk is for --as output' },
    { command: 'guard redact --as user --chunk 4', message: '--chunk is for --as output' },
    { command: 'guard redact --chunk 0', message: '--chunk takes a whole number from 1' },
    { command: 'guard check --profile none', message: '--profile' },
  ])('$command', async ({ command, message }) => {
    await expect(guard(command, 'x')).rejects.toEqual(fault(message))
  })

  test('no home is needed, but a wrong configuration is not passed over', () => {
    const { options } = invocationOf('guard check').invocation
    for (const env of [{}, { HOME: '' }, { HOME: 'x', XDG_STATE_HOME: 'y' }]) {
      expect(namedProfile(options, env).input.maxMessageChars).toBeGreaterThan(0)
    }
    expect(() => namedProfile(options, { SECURE_LLM_GUARD_NONE: '1' })).toThrow(/no such variable/)
  })
})

describe('the pipe', () => {
  const broken = (code: string) =>
    new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error(code), { code }))
      },
    })

  test('closed by its reader: the end; full: a fault', async () => {
    const { run, invocation } = invocationOf('guard check')
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield Buffer.from(jsonl(['x']))
      }
    }
    expect(
      await run(invocation, { input: Readable.from(endless()), output: broken('EPIPE') }),
    ).toBe(EXIT.ok)
    expect(given).toBeLessThan(1000)
    const full = run(invocation, { input: Readable.from(endless()), output: broken('ENOSPC') })
    await expect(full).rejects.toThrow('ENOSPC')
  })

  test('Ctrl-C ends the wait for more', async () => {
    const stop = new AbortController()
    const { run, invocation } = invocationOf('guard check', stop.signal)
    const waiting = run(invocation, {
      input: new Readable({ read: () => undefined }),
      output: new Kept(),
    })
    stop.abort(new Fault('CLI_INTERRUPTED', 'interrupted'))
    await expect(waiting).rejects.toMatchObject({ code: 'CLI_INTERRUPTED' })
  })
})

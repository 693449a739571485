/** What the command line says: pure functions from findings to lines. */
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { describeRecord, verdictLines } from '../../src/cli/commands/audit.ts'
import { describeFindings } from '../../src/cli/commands/doctor.ts'
import { commandHelp, overview } from '../../src/cli/help.ts'
import { nameFromFile } from '../../src/cli/model/import.ts'
import { askTwice, PassphraseLine } from '../../src/cli/passphrase.ts'
import { createProgress, renderProgress } from '../../src/cli/progress.ts'
import { hostAndPort, originOf } from '../../src/cli/serve/readiness.ts'
import { sampleText } from '../../src/cli/serve/sample-text.ts'
import { describeFailure, exitCodeOf, toFault } from '../../src/cli/terminal.ts'
import { EXIT, Fault } from '../../src/errors.ts'

describe('failures', () => {
  test.each([
    { thrown: new Fault('CLI_USAGE', 'm'), code: EXIT.usage },
    { thrown: new Fault('DOWNLOAD_FAILED', 'm'), code: EXIT.passing },
    { thrown: new Fault('STATE_IN_USE', 'm'), code: EXIT.passing },
    { thrown: new Fault('VAULT_DAMAGED', 'm'), code: EXIT.permanent },
    { thrown: new Error('m'), code: EXIT.bug },
    { thrown: 'm', code: EXIT.bug },
  ])('$thrown ends with $code', ({ thrown, code }) => {
    expect(exitCodeOf(thrown)).toBe(code)
  })

  test('a fault comes with its code and a hint, a bug with its stack', () => {
    expect(describeFailure(new Fault('MODEL_UNKNOWN', 'no model x'))).toBe(
      'secure-llm: no model x (MODEL_UNKNOWN)\n  hint: See the names with `secure-llm model list`.',
    )
    expect(describeFailure(new Error('odd'))).toContain('this is a bug: Error: odd\n    at ')
  })

  test('a full disk is a fault, a programming error is not', () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    expect(toFault(full)).toMatchObject({ code: 'DISK_REFUSED' })
    const odd = Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })
    expect(toFault(odd)).toBe(odd)
  })
})

describe('help', () => {
  test('every command is in the overview, with its own options in its own help', () => {
    const text = overview(COMMANDS).join('\n')
    for (const command of COMMANDS) {
      expect(text).toContain(command.name)
      for (const option of Object.keys(command.options)) {
        expect(commandHelp(command).join('\n')).toContain(`--${option}`)
      }
    }
  })

  test('names are told apart: none twice, none hidden behind a family', () => {
    const names = COMMANDS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(names.some((n) => n.startsWith(`${name} `))).toBe(false)
  })
})

describe('progress', () => {
  test('a bar, a share and two sizes', () => {
    expect(renderProgress('seal', 0, 98_362_432)).toBe(
      `seal       [${'.'.repeat(28)}]   0 %  0 of 98 MB`,
    )
    expect(renderProgress('seal', 49e6, 98e6)).toContain('] ' + ' 50 %  49 of 98 MB')
    expect(renderProgress('seal', 200e6, 98e6)).toContain('100 %')
    expect(renderProgress('read', 5, 0)).toContain('100 %')
  })

  test('nothing is drawn where nobody looks', () => {
    const drawn: string[] = []
    const terminal = { out: () => 0, note: () => 0, draw: (text: string) => drawn.push(text) }
    const quiet = createProgress({ ...terminal, interactive: false }, 'seal', 10)
    quiet.show(5)
    quiet.end()
    expect(drawn).toEqual([])
    const loud = createProgress({ ...terminal, interactive: true }, 'seal', 10)
    loud.show(5)
    loud.end()
    loud.end()
    expect(drawn.join('').match(/50 %/g)).toHaveLength(2)
  })
})

describe('the first request', () => {
  const tcp = { kind: 'tcp', host: '127.0.0.1', port: 4711 } as const

  test('shows a new key, and asks for a known one in the environment', () => {
    expect(sampleText(tcp, 'm', 'sk-local-x').join('\n')).toContain('Bearer sk-local-x')
    const later = sampleText(tcp, 'm', undefined).join('\n')
    expect(later).toContain('Bearer $OPENAI_API_KEY')
    expect(later).toContain('OpenAI(base_url="http://127.0.0.1:4711/v1")')
  })

  test('the body of the curl line is JSON', () => {
    const line = sampleText(tcp, 'm', 'k').find((text) => text.startsWith("  -d '"))!
    expect(JSON.parse(line.slice(6, -1))).toMatchObject({ model: 'm', stream: true })
  })

  test('on a Unix socket curl is told so, and Python is left out', () => {
    const text = sampleText({ kind: 'unix', path: '/run/a.sock' }, 'm', 'k').join('\n')
    expect(text).toContain('curl -N --unix-socket /run/a.sock http://localhost/v1/')
    expect(text).not.toContain('openai')
  })

  test('origins', () => {
    expect(originOf({ kind: 'tcp', host: '::1', port: 1 })).toBe('http://[::1]:1')
    expect(hostAndPort(tcp)).toBe('127.0.0.1:4711')
    expect(originOf({ kind: 'unix', path: '/a' })).toBe('unix:/a')
  })
})

describe('audit', () => {
  const walked = {
    records: 3,
    head: 'ab',
    goodBytes: 9,
    lastTime: null,
    tornLastLineBytes: 0,
    tornSha256: null,
  }

  test('the three verdicts', () => {
    expect(verdictLines({ ...walked, ok: true })).toEqual(['ok: 3 records, head ab'])
    const torn = { ...walked, ok: true as const, tornLastLineBytes: 7, tornSha256: 'cd' }
    expect(verdictLines(torn)[1]).toContain('torn last line: 7 bytes')
    const bad = { ...walked, ok: false as const, firstBad: { line: 4, why: 'wrong link' as const } }
    expect(verdictLines(bad)).toEqual(['bad: line 4: wrong link; the 3 records before it hold'])
  })

  test('a record in one line, without links, and without tricks for the terminal', () => {
    const record = {
      v: 1,
      seq: 4,
      time: 't',
      actor: 'cli',
      type: 'model.added',
      model: 'm',
      link: 'l',
    }
    expect(describeRecord(JSON.stringify(record))).toBe('4 t cli model.added model="m"')
    expect(describeRecord('{"seq":1,"type":"\u001b[2J\u202e"}')).not.toMatch(/[^\x20-\x7e]/)
    expect(describeRecord('rubbish')).toBe('(not a record)')
  })
})

test('doctor shows process by layer', () => {
  const lines = describeFindings({
    daemon: 'running',
    layers: {
      gateway: { landlock: 'enforced' },
      engine: { landlock: 'enforced', seccomp: 'partly' },
    },
    store: 'file',
    auditHealthy: true,
    lockedMemoryLimit: '8388608',
    clearsFreedMemory: 'unknown',
    hints: ['mend it'],
  })
  expect(lines).toContain('layer     gateway   engine')
  expect(lines).toContain('seccomp   -         partly')
  expect(lines).toContain('hint: mend it')
})

test.each([
  ['My Model.Q4_K.gguf', 'my-model.q4_k'],
  ['..hidden.gguf', 'hidden'],
  ['ÄÖ model', 'model'],
  [`${'a'.repeat(90)}.gguf`, 'a'.repeat(64)],
])('a file %s makes the name %s', (file, name) => {
  expect(nameFromFile(file)).toBe(name)
})

test('a file name without a letter makes no name', () => {
  expect(() => nameFromFile('...')).toThrow('--name')
})

describe('passphrase', () => {
  const type = (text: string) => {
    const line = new PassphraseLine()
    for (const key of Buffer.from(text)) if (line.press(key) === 'end') break
    return line.take().toString()
  }

  test.each([
    ['abc\r', 'abc'],
    ['abx\u007fc\n', 'abc'],
    ['aé\u007fb\n', 'ab'],
    ['wrong\u0015right\n', 'right'],
    ['\u007f\u007fa\n', 'a'],
    ['a\u0004b', 'a'],
  ])('%j gives %s', (keys, passphrase) => {
    expect(type(keys)).toBe(passphrase)
  })

  test('Ctrl-C interrupts, and a line has an end', () => {
    expect(() => type('a\u0003')).toThrow('interrupted')
    expect(() => type('a'.repeat(1025))).toThrow('at most 1024')
  })

  test.each([
    { entries: ['a', 'a'], ok: true },
    { entries: ['a', 'b'], ok: false },
    { entries: ['', ''], ok: false },
  ])('two entries $entries: $ok', async ({ entries, ok }) => {
    const given = entries.map((text) => Buffer.from(text))
    const [first, again] = [...given]
    const asked = askTwice({ ask: async () => given.shift()! }, 'p')
    if (ok) expect((await asked).toString()).toBe('a')
    else await expect(asked).rejects.toThrow('differ')
    if (!ok) expect(first!.every((byte) => byte === 0)).toBe(true)
    expect(again!.every((byte) => byte === 0)).toBe(true)
  })
})

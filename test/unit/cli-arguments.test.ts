import { describe, expect, test } from 'vitest'
import { nearest, parseCall, type CommandRow } from '../../src/cli/arguments.ts'

const TABLE: readonly CommandRow[] = [
  { name: 'serve', positionals: [], options: { quickstart: { help: '' } }, help: '' },
  {
    name: 'model import',
    positionals: ['FILE'],
    options: { name: { value: 'NAME', help: '' } },
    help: '',
  },
  { name: 'model list', positionals: [], options: { json: { help: '' } }, help: '' },
  { name: 'help', positionals: ['COMMAND?'], options: {}, help: '' },
]
const EVERYWHERE = {
  state: { value: 'DIR', help: '' },
  set: { value: 'KEY=VALUE', many: true, help: '' },
} as const

const parse = (...argv: string[]) => parseCall(argv, TABLE, EVERYWHERE)

describe('parseCall', () => {
  test('finds two-word commands, options in any place, and repeated ones', () => {
    const call = parse('model', 'import', '--set', 'a=1', '-', '--set=b=2', '--name', 'mine')
    expect(call.row.name).toBe('model import')
    expect(call.positionals).toEqual(['-'])
    expect(call.options.all('set')).toEqual(['a=1', 'b=2'])
    expect(call.options.text('name')).toBe('mine')
    expect(call.options.has('state')).toBe(false)
  })

  test('what follows -- is never an option', () => {
    expect(parse('model', 'import', '--', '--name').positionals).toEqual(['--name'])
  })

  test.each([
    { argv: [], says: 'a command is needed' },
    { argv: ['serv'], says: 'did you mean serve?' },
    { argv: ['model', 'imprt'], says: 'there are import, list' },
    { argv: ['model'], says: 'there are import, list' },
    {
      argv: ['serve', '--quikstart'],
      says: 'unknown option --quikstart; did you mean --quickstart',
    },
    { argv: ['serve', '--zzz'], says: 'unknown option --zzz' },
    { argv: ['serve', '-q'], says: 'unknown option -q' },
    { argv: ['serve', '--__proto__'], says: 'unknown option --__proto__' },
    { argv: ['serve', '--toString'], says: 'unknown option --toString' },
    { argv: ['serve', '--no-quickstart'], says: 'unknown option --no-quickstart' },
    { argv: ['serve', '--state'], says: '--state needs a value: --state DIR' },
    { argv: ['serve', '--state', '--quickstart'], says: '--state needs a value' },
    { argv: ['serve', '--state='], says: '--state needs a value' },
    { argv: ['serve', '--quickstart=yes'], says: '--quickstart takes no value' },
    { argv: ['serve', '--state', 'a', '--state', 'b'], says: '--state is given twice' },
    { argv: ['serve', 'now'], says: 'serve does not take "now"' },
    { argv: ['model', 'import'], says: 'model import needs FILE' },
    { argv: ['model', 'import', 'a', 'b'], says: 'does not take "b"' },
  ])('refuses $argv', ({ argv, says }) => {
    expect(() => parse(...argv)).toThrow(
      expect.objectContaining({
        code: 'CLI_USAGE',
        message: expect.stringContaining(says) as string,
      }),
    )
  })

  test.each(['x', '-1', '1.5', '0', '366', '1e2', ''])('a count of "%s" is refused', (text) => {
    const call = parse('model', 'import', 'f', `--name=${text === '' ? ' ' : text}`)
    expect(() => call.options.count('name', { min: 1, max: 365 })).toThrow('whole number')
  })
})

test('the nearest name is near, or there is none', () => {
  expect(nearest('--lsten', ['--listen', '--state'])).toBe('--listen')
  expect(nearest('--colour', ['--listen', '--state'])).toBeUndefined()
})

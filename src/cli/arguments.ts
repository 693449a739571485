/**
 * Strict command lines: a table of commands in, a parsed call out.
 *
 * What it gives: unknown commands and options refused with the nearest name, every value where its
 * row says. What it does not give: the meaning of a value; the command checks that.
 *
 * @packageDocumentation
 */
import { parseArgs } from 'node:util'
import { Fault } from '../errors.ts'

export interface OptionRow {
  /** What stands for the value in the help; absent: the option is a switch. */
  readonly value?: string
  readonly many?: true
  readonly help: string
}

export interface CommandRow {
  /** One or two words. */
  readonly name: string
  /** Names of positional arguments; a trailing `?` marks an optional one. */
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, OptionRow>>
  readonly help: string
}

export class OptionValues {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#values.has(name)
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** @throws Fault `CLI_USAGE` unless it is a whole number in the range. */
  count(name: string, range: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN
    if (value >= range.min && value <= range.max) return value
    throw new Fault(
      'CLI_USAGE',
      `--${name} takes a whole number from ${range.min} to ${range.max}, not "${text}"`,
    )
  }
}

export interface ParsedCall<Row extends CommandRow> {
  readonly row: Row
  readonly positionals: readonly string[]
  readonly options: OptionValues
}

/** @throws Fault `CLI_USAGE` */
export function parseCall<Row extends CommandRow>(
  argv: readonly string[],
  table: readonly Row[],
  everywhere: Readonly<Record<string, OptionRow>>,
): ParsedCall<Row> {
  const { row, rest } = findCommand(argv, table)
  const known = { ...everywhere, ...row.options }
  const { values, positionals } = readTokens(rest, known)
  const required = row.positionals.filter((name) => !name.endsWith('?'))
  if (positionals.length < required.length) {
    throw new Fault('CLI_USAGE', `${row.name} needs ${required.join(' ')}`)
  }
  if (positionals.length > row.positionals.length) {
    const extra = positionals[row.positionals.length] ?? ''
    throw new Fault('CLI_USAGE', `${row.name} does not take "${extra}"`)
  }
  return { row, positionals, options: new OptionValues(values) }
}

function findCommand<Row extends CommandRow>(
  argv: readonly string[],
  table: readonly Row[],
): { row: Row; rest: string[] } {
  const [first, second] = argv
  if (first === undefined) throw new Fault('CLI_USAGE', 'a command is needed')
  const two = table.find((row) => row.name === `${first} ${second ?? ''}`)
  if (two !== undefined) return { row: two, rest: argv.slice(2) }
  const one = table.find((row) => row.name === first)
  if (one !== undefined) return { row: one, rest: argv.slice(1) }
  const family = table.filter((row) => row.name.startsWith(`${first} `))
  const names = table.map((row) => row.name)
  const both = `${first} ${second ?? ''}`
  const hint = nearest(both, names) ?? nearest(first, names)
  const given = family.length > 0 ? both.trimEnd() : first
  const choices = family.map((row) => row.name.slice(first.length + 1)).join(', ')
  const more = choices === '' ? suggestion(hint) : `; there are ${choices}`
  throw new Fault('CLI_USAGE', `unknown command "${given}"${more}`)
}

function readTokens(argv: string[], known: Readonly<Record<string, OptionRow>>) {
  const { tokens, positionals } = parseArgs({
    args: argv,
    options: Object.fromEntries(
      Object.entries(known).map(([name, row]) => [
        name,
        { type: row.value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const row = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (row === undefined) throw unknownOption(token.rawName, Object.keys(known))
    const value = checkValue(row, token)
    const earlier = values.get(token.name) ?? []
    if (earlier.length > 0 && row.many !== true) {
      throw new Fault('CLI_USAGE', `${token.rawName} is given twice`)
    }
    values.set(token.name, [...earlier, value])
  }
  return { values, positionals }
}

interface OptionToken {
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function checkValue(row: OptionRow, { rawName, value, inlineValue }: OptionToken): string {
  if (row.value === undefined) {
    if (value === undefined) return ''
    throw new Fault('CLI_USAGE', `${rawName} takes no value`)
  }
  // `--state --json` is a value that was forgotten, not a folder of that name.
  const forgotten = inlineValue !== true && value !== '-' && value?.startsWith('-') === true
  if (value === undefined || value === '' || forgotten) {
    throw new Fault('CLI_USAGE', `${rawName} needs a value: ${rawName} ${row.value}`)
  }
  return value
}

function unknownOption(rawName: string, known: readonly string[]): Fault {
  const names = known.map((name) => `--${name}`)
  return new Fault(
    'CLI_USAGE',
    `unknown option ${rawName.slice(0, 60)}${suggestion(nearest(rawName, names))}`,
  )
}

const suggestion = (name: string | undefined) =>
  name === undefined ? '' : `; did you mean ${name}?`

/** The known name that is at most a third of its letters away, if there is one. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((name) => ({ name, distance: editDistance(given.slice(0, 60), name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return scored[0]?.name
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

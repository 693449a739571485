/**
 * Help, made from the table of commands.
 *
 * Pure.
 *
 * @packageDocumentation
 */
import type { CommandRow, OptionRow } from './arguments.ts'
import { EVERYWHERE } from './settings.ts'
import { formatTable } from './terminal.ts'

/** `model import FILE`, `help [COMMAND]`. */
export function synopsis({ name, positionals }: CommandRow): string {
  const shown = positionals.map((given) =>
    given.endsWith('?') ? `[${given.slice(0, -1)}]` : given,
  )
  return [name, ...shown].join(' ')
}

export function overview(commands: readonly CommandRow[]): string[] {
  const rows = commands.map((command) => [`  ${synopsis(command)}`, command.help])
  return [
    'usage: secure-llm COMMAND [options]',
    '',
    ...formatTable(rows),
    '',
    'everywhere:',
    ...optionLines(EVERYWHERE),
    '',
    'exit codes: 0 ok, 1 bug, 2 usage, 3 a check said no, 75 try again, 78 mend something first',
  ]
}

export function commandHelp(command: CommandRow): string[] {
  const own = optionLines(command.options)
  return [
    `usage: secure-llm ${synopsis(command)} [options]`,
    '',
    command.help,
    ...(own.length === 0 ? [] : ['', ...own]),
    '',
    'everywhere:',
    ...optionLines(EVERYWHERE),
  ]
}

function optionLines(options: Readonly<Record<string, OptionRow>>): string[] {
  return formatTable(
    Object.entries(options).map(([name, { value, help }]) => [
      `  --${name}${value === undefined ? '' : ` ${value}`}`,
      help,
    ]),
  )
}

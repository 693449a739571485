/**
 * Every command of the command line, as a table.
 *
 * @packageDocumentation
 */
import { EXIT, Fault, type ExitCode } from '../errors.ts'
import { nearest, type CommandRow } from './arguments.ts'
import { tailAudit, verifyAudit } from './commands/audit.ts'
import { addClientCommand, listClients, revokeClientCommand } from './commands/client.ts'
import { checkConfig, explainConfig } from './commands/config.ts'
import { doctor } from './commands/doctor.ts'
import { guardCheck, GUARD_OPTIONS, guardRedact } from './commands/guard.ts'
import { importCommand, pullCommand } from './commands/model-add.ts'
import { inspectModel, listModels, removeModel, verifyModel } from './commands/model.ts'
import { serveCommand } from './commands/serve.ts'
import { showVersion } from './commands/version.ts'
import { commandHelp, overview } from './help.ts'
import type { Invocation } from './session.ts'

export interface Command extends CommandRow {
  readonly run: (invocation: Invocation) => ExitCode | Promise<ExitCode>
}

const JSON_OPTION = { json: { help: 'print JSON for a program' } } as const

const SERVE: readonly Command[] = [
  {
    name: 'serve',
    positionals: [],
    options: {
      listen: { value: 'HOST:PORT', help: 'or unix:PATH; port 0 takes a free one' },
      quickstart: { help: 'download the model and make a client when they are missing' },
      'ready-file': { value: 'FILE', help: 'written as JSON once the daemon answers' },
    },
    help: 'run the daemon until Ctrl-C',
    run: serveCommand,
  },
]

const MODEL: readonly Command[] = [
  {
    name: 'model pull',
    positionals: ['NAME?'],
    options: {},
    help: 'download a model of the catalog and seal it',
    run: pullCommand,
  },
  {
    name: 'model import',
    positionals: ['FILE'],
    options: {
      name: { value: 'NAME', help: 'name in the store; default from the file name' },
      version: { value: 'TEXT', help: 'for the manifest; default 1' },
      licence: { value: 'TEXT', help: 'for the manifest; default unknown' },
      source: { value: 'TEXT', help: 'for the manifest; default import' },
      sha256: { value: 'HEX', help: 'refuse anything but the file with this hash' },
      'template-sha256': { value: 'HEX', help: 'hash of the chat template; checked at each load' },
      base: { value: 'NAME', help: 'the model an adapter is tried on; default: the default model' },
      'trial-seconds': { value: 'N', help: 'time limit of the trial load; default 120' },
      ...JSON_OPTION,
    },
    help: 'seal a GGUF model or LoRA adapter, or - for a pipe, after a trial load',
    run: importCommand,
  },
  {
    name: 'model list',
    positionals: [],
    options: JSON_OPTION,
    help: 'the models in the store',
    run: listModels,
  },
  {
    name: 'model inspect',
    positionals: ['NAME'],
    options: JSON_OPTION,
    help: 'manifest, hashes and key ids of a model',
    run: inspectModel,
  },
  {
    name: 'model verify',
    positionals: ['NAME'],
    options: { base: { value: 'NAME', help: 'for an adapter; default: the default model' } },
    help: 'open every chunk of a model in a confined engine',
    run: verifyModel,
  },
  {
    name: 'model remove',
    positionals: ['NAME'],
    options: { yes: { help: 'do not ask' } },
    help: 'remove a model for good',
    run: removeModel,
  },
]

const CLIENT: readonly Command[] = [
  {
    name: 'client add',
    positionals: ['NAME'],
    options: {
      'expires-days': { value: 'N', help: 'the key stops working after N days' },
      scope: {
        value: 'SCOPE',
        many: true,
        help: 'chat, models, tokens or metrics; repeatable; default: all but metrics',
      },
      guard: { value: 'PROFILE', help: 'strict, coding, observe or one of guard.profiles' },
      ...JSON_OPTION,
    },
    help: 'make an API key; it is shown once',
    run: addClientCommand,
  },
  {
    name: 'client list',
    positionals: [],
    options: JSON_OPTION,
    help: 'who has a key',
    run: listClients,
  },
  {
    name: 'client revoke',
    positionals: ['NAME'],
    options: {},
    help: 'make a key worthless, by name or id',
    run: revokeClientCommand,
  },
]

const GUARD: readonly Command[] = [
  {
    name: 'guard check',
    positionals: [],
    options: GUARD_OPTIONS,
    help: 'what the guard finds in prompts from stdin: text, or JSONL with a "text"',
    run: (invocation) => guardCheck(invocation),
  },
  {
    name: 'guard redact',
    positionals: [],
    options: GUARD_OPTIONS,
    help: 'the same for answers: what of them would leave',
    run: (invocation) => guardRedact(invocation),
  },
]

const OTHERS: readonly Command[] = [
  {
    name: 'audit verify',
    positionals: [],
    options: JSON_OPTION,
    help: 'check the hash chain of the record',
    run: verifyAudit,
  },
  {
    name: 'audit tail',
    positionals: [],
    options: { lines: { value: 'N', help: 'how many; default 20' }, ...JSON_OPTION },
    help: 'the last events of the record',
    run: tailAudit,
  },
  {
    name: 'config check',
    positionals: [],
    options: {},
    help: 'read the configuration and start nothing',
    run: checkConfig,
  },
  {
    name: 'config explain',
    positionals: ['KEY?'],
    options: {},
    help: 'a setting, its value, and the reason of its default',
    run: explainConfig,
  },
  {
    name: 'doctor',
    positionals: [],
    options: JSON_OPTION,
    help: 'what is enforced on this machine, and what would mend the rest',
    run: doctor,
  },
  {
    name: 'help',
    positionals: ['COMMAND?', 'SUBCOMMAND?'],
    options: {},
    help: 'this list, or one command',
    run: showHelp,
  },
  { name: 'version', positionals: [], options: {}, help: 'version', run: showVersion },
]

export const COMMANDS: readonly Command[] = [...SERVE, ...MODEL, ...CLIENT, ...GUARD, ...OTHERS]

function showHelp({ terminal, positionals }: Invocation): ExitCode {
  const name = positionals.join(' ')
  for (const line of name === '' ? overview(COMMANDS) : helpOn(name)) terminal.out(line)
  return EXIT.ok
}

/** One command, or a family such as `model`. */
function helpOn(name: string): string[] {
  const found = COMMANDS.find((command) => command.name === name)
  if (found !== undefined) return commandHelp(found)
  const family = COMMANDS.filter((command) => command.name.startsWith(`${name} `))
  if (family.length > 0) return overview(family)
  const hint = nearest(
    name,
    COMMANDS.map((command) => command.name),
  )
  const more = hint === undefined ? '' : `; did you mean ${hint}?`
  throw new Fault('CLI_USAGE', `unknown command "${name}"${more}`)
}

/**
 * The command line: a process that acts for its user.
 *
 * It finds the command in the table, runs it, and turns what is thrown into a hint and an exit code.
 *
 * @packageDocumentation
 */
import { EXIT, Fault } from '../errors.ts'
import { hardenProcess } from '../sandbox/process.ts'
import { parseCall } from './arguments.ts'
import { COMMANDS } from './commands.ts'
import { commandHelp, overview } from './help.ts'
import { EVERYWHERE } from './settings.ts'
import { onStopSignals } from './serve/stop-signals.ts'
import { describeFailure, exitCodeOf, processTerminal, toFault, type Terminal } from './terminal.ts'

/** How long the orderly end may still take after the second Ctrl-C. */
const HURRY_MS = 2000

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const interrupted = new AbortController()
  const hurry = new AbortController()
  onStopSignals({
    onFirst: () => {
      interrupted.abort(new Fault('CLI_INTERRUPTED', 'interrupted'))
    },
    onSecond: () => {
      hurry.abort()
      setTimeout(() => process.exit(EXIT.passing), HURRY_MS).unref()
    },
  })
  try {
    if (argv.length === 0 || argv[0] === '--help') {
      for (const line of overview(COMMANDS)) terminal.out(line)
      return argv.length === 0 ? EXIT.usage : EXIT.ok
    }
    const { row, positionals, options } = parseCall(
      argv[0] === '--version' ? ['version', ...argv.slice(1)] : argv,
      COMMANDS,
      EVERYWHERE,
    )
    if (options.has('help')) {
      for (const line of commandHelp(row)) terminal.out(line)
      return EXIT.ok
    }
    const { signal } = interrupted
    return await row.run({ terminal, options, positionals, signal, hurry: hurry.signal })
  } catch (thrown) {
    const failure = toFault(thrown)
    terminal.note(describeFailure(failure))
    return exitCodeOf(failure)
  }
}

// A new API key, a passphrase or a file key passes through here: nobody reads our memory meanwhile.
if (process.platform === 'linux') hardenProcess()
// Not process.exit: what was written to a pipe must leave first.
process.exitCode = await run(process.argv.slice(2), processTerminal())

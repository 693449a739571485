/**
 * `config check`, `config explain`.
 *
 * @packageDocumentation
 */
import { readGuardFiles } from '../../config/guard-files.ts'
import { explainKey, type LoadedConfig } from '../../config/load.ts'
import { listSettings } from '../../config/keys.ts'
import { EXIT, Fault, type ExitCode } from '../../errors.ts'
import { compileProfiles } from '../../guard/compiled.ts'
import { nearest } from '../arguments.ts'
import type { Invocation } from '../session.ts'
import { openSettings } from '../settings.ts'
import { describeFailure, formatTable } from '../terminal.ts'

/** Reads everything, also the guard's lists, patterns and files; starts nothing. */
export function checkConfig({ terminal, options }: Invocation): ExitCode {
  let loaded: LoadedConfig
  try {
    loaded = openSettings(options)
    const { secrets } = readGuardFiles(loaded.statePath)
    compileProfiles({ ...loaded.config.guard, secrets })
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    terminal.note(describeFailure(thrown))
    return EXIT.refused
  }
  terminal.note(`state folder: ${loaded.statePath}`)
  terminal.note(`file: ${loaded.filePath ?? 'none, the defaults hold'}`)
  const rows = [...loaded.sources].map(([key, source]) => [
    key,
    JSON.stringify(explainKey(key, loaded).value),
    source,
  ])
  for (const line of formatTable(rows)) terminal.out(line)
  terminal.out('ok')
  return EXIT.ok
}

/** One setting with its reason, or all of them in short. */
export function explainConfig({ terminal, options, positionals }: Invocation): ExitCode {
  const loaded = openSettings(options)
  const [key] = positionals
  if (key === undefined) {
    const rows = listSettings().map((row) => [
      row.key,
      JSON.stringify(explainKey(row.key, loaded).value),
    ])
    for (const line of formatTable(rows)) terminal.out(line)
    return EXIT.ok
  }
  const row = explainKey(knownKey(key), loaded)
  terminal.out(`${row.key} = ${JSON.stringify(row.value)} (${row.source})`)
  terminal.out(`  ${row.reason}`)
  terminal.out(`  ${row.type}; default ${JSON.stringify(row.default)}; ${row.variable}`)
  return EXIT.ok
}

function knownKey(key: string): string {
  const keys = listSettings().map((row) => row.key)
  if (keys.includes(key)) return key
  const hint = nearest(key, keys)
  const more = hint === undefined ? '' : `; did you mean ${hint}?`
  throw new Fault('CLI_USAGE', `there is no setting ${key}${more}`)
}

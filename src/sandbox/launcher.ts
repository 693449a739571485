/**
 * The launcher: a program that confines itself and then becomes gateway, engine or keeper.
 *
 *     node dist/sandbox/launcher.js ROLE [--state DIR] [--config FILE] [--model-folder NAME=DIR]…
 *         [--connect NAME=PATH]… [--with-parent] [--without landlock|write-xor-execute] -- MAIN ARGS
 *
 * It never returns: either `process.execve` replaces it, or one fault line goes to stderr and it ends
 * with 78 (a restart does not help) or 75 (it may).
 *
 * @packageDocumentation
 */
import { existsSync, realpathSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXIT, Fault, reasonOf } from '../errors.ts'
import { rulesFor } from './landlock-rules.ts'
import { parseLaunch, placesFor } from './launch-plan.ts'
import { launch } from './launch.ts'

const LINE_FATAL = 60

/** `dist`, and what it imports: our own node_modules, or the one we were installed into. */
function appPaths(root: string): string[] {
  const modules = [join(root, 'node_modules'), dirname(root)].filter(
    (path) => path.endsWith('node_modules') && existsSync(path),
  )
  return [join(root, 'dist'), join(root, 'package.json'), ...modules]
}

function main(): void {
  const request = parseLaunch(process.argv.slice(2))
  const node = realpathSync(process.execPath)
  const root = realpathSync(join(import.meta.dirname, '../..'))
  const bus = process.env.DBUS_SESSION_BUS_ADDRESS
  const places = placesFor(request, { node, app: appPaths(root) }, bus)
  const program = { node, main: join(root, 'dist', request.role, 'main.js') }
  launch(request, program, rulesFor(request.role, places))
}

try {
  main()
} catch (thrown) {
  const fault =
    thrown instanceof Fault
      ? thrown
      : new Fault('SANDBOX_LAUNCH', reasonOf(thrown), { cause: thrown })
  const { code, message: msg, remedy } = fault
  writeSync(2, `${JSON.stringify({ level: LINE_FATAL, time: Date.now(), code, msg, remedy })}\n`)
  process.exitCode = code === 'KEEPER_UNAVAILABLE' ? EXIT.passing : EXIT.permanent
}

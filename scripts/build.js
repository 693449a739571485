/**
 * Compiles src/ to dist/, and only when a source is newer than the last build.
 *
 * The engine and the keeper run without a JIT, and so without WebAssembly, which Node needs to
 * strip types: they always run dist/. `npm start` and `npm test` call this first themselves,
 * because `ignore-scripts=true` skips prestart and pretest.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stamp = join(root, 'dist/.built')

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Data that a module reads from beside itself. */
const assets = globSync('src/**/*.bin', { cwd: root })
const sources = [
  ...globSync('src/**/*.ts', { cwd: root }),
  ...assets,
  'tsconfig.json',
  'tsconfig.build.json',
]
const newest = Math.max(...sources.map((file) => modifiedMs(join(root, file))))
const builtFor = modifiedMs(stamp)
if (builtFor > newest && !process.argv.includes('--force')) process.exit(0)

const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
for (const file of assets) copyFileSync(join(root, file), join(root, file.replace(/^src/, 'dist')))
// A source that is gone must not live on in dist/. Not before compiling: somebody may run it.
const wanted = new Set(sources.map((file) => file.replace(/^src\/(.*)\.ts$/, 'dist/$1.js')))
for (const file of globSync('dist/**/*.js', { cwd: root })) {
  if (!wanted.has(file)) rmSync(join(root, file))
}
if (status === 0) writeFileSync(stamp, '')
process.exit(status ?? 1)

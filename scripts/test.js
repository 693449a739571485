/**
 * `npm test`: builds, then lint and types beside the tests, because each alone leaves a core idle.
 *
 * Plain JavaScript for Node 20 and later. The words of lint and types come behind those of the
 * tests; the exit code is 0 when all three passed.
 */
import { spawn } from 'node:child_process'

/** Its output as it comes, or all of it at the end. */
function run(command, args, output) {
  const child = spawn(command, args, { stdio: ['ignore', output, output] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => (said += bytes))
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, said: `${command}: ${error.message}\n` }))
    child.once('close', (code) => resolve({ code: code ?? 1, said }))
  })
}

async function lintAndTypes() {
  const lint = await run('npm', ['run', '-s', 'lint'], 'pipe')
  const types = await run('npm', ['run', '-s', 'types'], 'pipe')
  return [
    { name: 'lint', ...lint },
    { name: 'types', ...types },
  ]
}

const build = await run(process.execPath, ['scripts/build.js'], 'inherit')
if (build.code !== 0) process.exit(build.code)
const beside = lintAndTypes()
const tests = await run('vitest', ['run'], 'inherit')
let failed = tests.code !== 0
for (const { name, code, said } of await beside) {
  process.stdout.write(`${said}${name}: ${code === 0 ? 'passed' : `FAILED with ${code}`}\n`)
  failed ||= code !== 0
}
process.exitCode = failed ? 1 : 0

/**
 * `npm test`: builds, then two lanes, because each alone leaves a core idle: the tests of real
 * processes, one file at a time, and beside them lint, types and the quick tests.
 *
 * Plain JavaScript for Node 20 and later. The words of the second lane come behind those of the first;
 * the exit code is 0 when all passed.
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

const BESIDE = [
  { name: 'lint', command: ['npm', 'run', '-s', 'lint'] },
  { name: 'types', command: ['npm', 'run', '-s', 'types'] },
  { name: 'quick tests', command: ['vitest', 'run', '--project', 'quick', '--maxWorkers', '1'] },
]

async function runBeside() {
  const ended = []
  for (const { name, command } of BESIDE) {
    const [program, ...args] = command
    ended.push({ name, ...(await run(program, args, 'pipe')) })
  }
  return ended
}

const build = await run(process.execPath, ['scripts/build.js'], 'inherit')
if (build.code !== 0) process.exit(build.code)
const beside = runBeside()
const processes = await run('vitest', ['run', '--project', 'process'], 'inherit')
const ended = [...(await beside), { name: 'process tests', ...processes }]
for (const { said } of ended) process.stdout.write(said)
for (const { name, code } of ended) {
  process.stdout.write(`${name}: ${code === 0 ? 'passed' : `FAILED with ${code}`}\n`)
}
process.exitCode = ended.every(({ code }) => code === 0) ? 0 : 1

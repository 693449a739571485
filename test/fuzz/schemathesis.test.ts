/**
 * schemathesis, a program that shares no line with ours, against `/openapi.json` of a running daemon:
 * every check of it that can hold here, and no failure.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environment } from '../e2e/daemon-process.ts'
import { startFuzzedDaemon, type FuzzedDaemon } from './fuzzed-daemon.ts'
import { SEED } from './seed.ts'

const INSTALL_MS = 240_000
const CASES_OF_EACH = 30

/** Checks that cannot hold, and why. */
const LEFT_OUT = {
  positive_data_acceptance:
    'a body that its schema allows may break a rule between fields, which no schema says; test/property/gateway-openapi.test.ts holds that nothing else refuses it',
  unsupported_method:
    'another method on a path is 404 as every unknown route is, so that nothing tells which paths there are',
  ignored_auth:
    'asks without a key behind every case, and from the thirtieth wrong key of a minute on the answer is 429; test/unit/gateway-routes.test.ts asks each route without a key',
} as const

const work = mkdtempSync(join(tmpdir(), 'schemathesis-'))
const program = join(work, 'venv/bin/schemathesis')
let daemon: FuzzedDaemon

beforeAll(async () => {
  const run = (file: string, ...args: string[]) => {
    execFileSync(file, args, { cwd: work, stdio: 'inherit', env: environment(work) })
  }
  run('python3', '-m', 'venv', 'venv')
  const requirements = join(import.meta.dirname, 'requirements.txt')
  const install = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check']
  run(join(work, 'venv/bin/python'), ...install, '--only-binary', ':all:', '-r', requirements)
  daemon = await startFuzzedDaemon()
}, INSTALL_MS)
afterAll(async () => {
  await daemon.end()
  rmSync(work, { recursive: true, force: true })
})

async function schemathesis(...args: readonly string[]): Promise<{ code: number; out: string }> {
  const { url, key } = daemon
  const fixed = ['--request-timeout', '30', '--no-color', '--generation-database', 'none']
  const given = ['-H', `Authorization: Bearer ${key}`, '--seed', String(SEED), ...fixed, ...args]
  const child = spawn(program, ['run', `${url}/openapi.json`, ...given], {
    cwd: work,
    env: {
      ...environment(work),
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      SCHEMATHESIS_HOOKS: 'schemathesis_hooks',
    },
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (out += bytes.toString()))
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code: code ?? -1, out }
}

/** The end of what it said, in which the numbers are. */
function summaryOf(out: string): string {
  return out.slice(Math.max(0, out.indexOf(' SUMMARY ')))
}

test('no failure of any check, in any phase', async () => {
  const { code, out } = await schemathesis(
    ...['--checks', 'all', '--exclude-checks', Object.keys(LEFT_OUT).join()],
    // Without a key the same: see above.
    ...['--generation-with-security-parameters', 'false', '--suppress-health-check', 'all'],
    ...['--max-examples', String(CASES_OF_EACH), '--continue-on-failure'],
    // Two break Python 3.11: its parser counts its depth once for all threads.
    ...['--workers', '1'],
  )
  console.log(`seed ${SEED}`)
  console.log(summaryOf(out))
  expect(code, out).toBe(0)
  expect(out).not.toContain('Rate limited')
  // All but /openapi.json, which it has read.
  expect(Number(/Tested: (\d+)/.exec(out)?.[1])).toBeGreaterThan(12)
  await daemon.assertWhole()
})

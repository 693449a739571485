/** `guard redact` as a process: no home, no daemon, a pipe that closes. Uses dist/. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'

const BIN = join(import.meta.dirname, '../../bin/secure-llm.js')
const ROW = `${JSON.stringify({ text: 'card 4111 1111 1111 1111' })}\n`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-guard-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test.each([{ env: {} }, { env: { HOME: '' } }, { env: { HOME: 'the folder' } }])(
  'with $env it answers, and leaves nothing behind',
  ({ env }) => {
    const home = env.HOME === 'the folder' ? { HOME: folder } : env
    const args = [BIN, 'guard', 'redact', '--chunk', '3', '--fail']
    const options = { encoding: 'utf8', env: home, cwd: folder, input: ROW.repeat(2) } as const
    const { stdout, stderr, status } = spawnSync(process.execPath, args, options)
    expect(stderr).toBe('')
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain('"redacted":"card [CARD]"')
    expect(status).toBe(EXIT.refused)
    expect(readdirSync(folder)).toEqual([])
  },
)

test('whoever reads may close the pipe', async () => {
  const child = spawn(process.execPath, [BIN, 'guard', 'redact'], { env: {} })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stdin.on('error', () => undefined)
  child.stdout.once('data', () => {
    child.stdout.destroy()
  })
  const more = setInterval(() => child.stdin.write(ROW.repeat(1000)), 5)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(more)
  expect(said).toBe('')
  expect(code).toBe(EXIT.ok)
})

test('a fault says the line, and nothing of it', () => {
  const options = { encoding: 'utf8', env: {}, input: `${ROW}canary` } as const
  const { stderr, status } = spawnSync(process.execPath, [BIN, 'guard', 'check'], options)
  expect(stderr).toContain('line 2 is no JSON object')
  expect(stderr).not.toContain('canary')
  expect(status).toBe(EXIT.usage)
})

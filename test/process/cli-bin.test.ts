/** bin/secure-llm.js started by another Node than the pinned one. Uses dist/. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'

const ROOT = join(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/secure-llm.js')
/** Makes a Node look like one without `process.execve`, such as 20. */
const WITHOUT_EXECVE = ['--import', 'data:text/javascript,delete process.execve']

let folder: string
/** A Node at another path: not the pinned one, whatever its version. */
let otherNode: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-bin-'))
  otherNode = join(folder, 'node')
  copyFileSync(process.execPath, otherNode)
  chmodSync(otherNode, 0o755)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const run = (file: string, args: readonly string[]) =>
  spawnSync(file, args, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })

describe('secure-llm', () => {
  test.each([
    { how: 'the pinned Node', file: () => process.execPath, before: [] },
    { how: 'another Node, by exec', file: () => otherNode, before: [] },
    { how: 'another Node, as a child', file: () => otherNode, before: WITHOUT_EXECVE },
  ])('by $how: output and exit codes are those of the command', ({ file, before }) => {
    const good = run(file(), [...before, BIN, 'version'])
    expect(good.stderr).toBe('')
    expect(good.stdout).toContain(`node ${process.versions.node}`)
    expect(good.status).toBe(EXIT.ok)
    const wrong = run(file(), [...before, BIN, 'clientt', 'list'])
    expect(wrong.status).toBe(EXIT.usage)
    expect(wrong.stdout).toBe('')
    expect(wrong.stderr).toContain('did you mean client list?')
  })

  test('a signal reaches the command behind another Node, and leaves nothing half made', async () => {
    const state = join(folder, 'state')
    const args = [...WITHOUT_EXECVE, BIN, 'model', 'import', '-', '--name', 'x', '--state', state]
    const child = spawn(otherNode, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stdin.write('some bytes')
    const staging = () => {
      try {
        return readdirSync(join(state, 'models'))
      } catch {
        return []
      }
    }
    while (staging().length === 0) await delay(20)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(EXIT.passing)
    expect(said).toContain('interrupted (CLI_INTERRUPTED)')
    expect(staging()).toEqual([])
  })

  test('without dist/ it says what to do', () => {
    const bare = join(folder, 'bare')
    mkdirSync(join(bare, 'bin'), { recursive: true })
    cpSync(BIN, join(bare, 'bin/secure-llm.js'))
    cpSync(join(ROOT, 'package.json'), join(bare, 'package.json'))
    const { status, stderr } = run(process.execPath, [join(bare, 'bin/secure-llm.js'), 'version'])
    expect(status).toBe(EXIT.permanent)
    expect(stderr).toContain('run `npm run build`')
  })
})

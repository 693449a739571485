/** The passphrase store at a real terminal. Uses dist/. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, type Ready } from '../e2e/daemon-process.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { childrenOf, MODEL, untilAnswered } from '../process/tiny-daemon.ts'

const BIN = join(import.meta.dirname, '../../bin/secure-llm.js')
const { home, remove } = makeHome()
afterAll(remove)

/** Runs a command at a terminal of its own and answers its questions; gives all the terminal showed. */
const AT_A_TERMINAL = `
import os, pty, sys
answers = sys.argv[1].split(',')
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
out = b''
while True:
    try: part = os.read(fd, 65536)
    except OSError: break
    if not part: break
    out += part
    if out.endswith(b': ') and answers: os.write(fd, answers.pop(0).encode() + b'\\r')
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(status))
`

describe('passphrase store', () => {
  const doctor = [BIN, 'doctor', '--state', join(home, 'state'), '--set', 'keys.store=passphrase']
  const atTerminal = (answers: string) =>
    spawnSync('python3', ['-c', AT_A_TERMINAL, answers, process.execPath, ...doctor], {
      encoding: 'utf8',
    })

  test('is asked for at the terminal, twice at first, and never shown', () => {
    const first = atTerminal('correct horse,correct horse')
    expect(first.stdout).toContain('new passphrase for the key store, again: ')
    expect(first.stdout).toMatch(/key store +passphrase/)
    const later = atTerminal('wrong horse,correct horse')
    expect(later.stdout).toContain('not the passphrase')
    expect(later.status).toBe(EXIT.ok)
    expect(first.stdout + later.stdout).not.toContain('horse')
  })

  test('without a terminal it stays locked', () => {
    const { status, stderr } = spawnSync('setsid', ['--wait', process.execPath, ...doctor], {
      encoding: 'utf8',
    })
    expect(stderr).toContain('KEY_STORE_LOCKED')
    expect(status).toBe(EXIT.permanent)
  })

  const settings = ['--state', join(home, 'daemon'), '--set', 'keys.store=passphrase']
  const ours = (...args: string[]) => [process.execPath, BIN, ...args, ...settings]

  test('an engine that died gets its key again, and nobody is asked a second time', async () => {
    const file = join(home, 'tiny.gguf')
    writeFileSync(file, tinyModelBytes())
    const importing = ours('model', 'import', file, '--name', MODEL)
    const words = 'correct horse,correct horse'
    const made = spawnSync('python3', ['-c', AT_A_TERMINAL, words, ...importing])
    expect(made.status, made.stdout.toString()).toBe(EXIT.ok)
    const [program = '', ...args] = ours('client', 'add', 'tests')
    const key = spawnSync(program, args, { encoding: 'utf8' }).stdout.trim()

    const readyFile = join(home, 'ready.json')
    const serving = ours('serve', '--listen', '127.0.0.1:0', '--ready-file', readyFile)
    serving.push('--set', `model=${MODEL}`, '--set', 'engine.contextTokens=1024')
    const terminal = spawn('python3', ['-c', AT_A_TERMINAL, 'correct horse', ...serving])
    let shown = ''
    terminal.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()))
    const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve))
    while (!existsSync(readyFile) && terminal.exitCode === null) await sleep(50)
    const { url, processes } = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready
    try {
      await untilAnswered({ url, key })
      process.kill(processes.engine, 'SIGKILL')
      while (existsSync(`/proc/${processes.engine}`)) await sleep(10)
      await untilAnswered({ url, key })
    } finally {
      for (const pid of childrenOf(terminal.pid!)) process.kill(pid, 'SIGTERM')
      await ended
    }
    expect(terminal.exitCode, shown).toBe(EXIT.ok)
    expect(shown).not.toContain('horse')
    // All that the terminal was ever shown.
    expect(shown.match(/passphrase: /g)).toHaveLength(1)
  })
})

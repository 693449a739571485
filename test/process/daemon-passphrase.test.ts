/** The passphrase store at a real terminal. Uses dist/. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome } from '../e2e/daemon-process.ts'

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
})

/**
 * No plain byte reaches the disk: a private model, a prompt, an answer and an API key are looked for
 * on the raw file system that the daemon lived on, home, state and temporary folder together.
 *
 * Deleted files and the journal count. The control is the same model written to the same kind of
 * disk, and deleted again: there the same search finds every canary.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeCanary, tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { countInFile, filesChangedSince, type Needles } from './byte-scan.ts'
import { askOnce, runCommand, startDaemon, textOf, type Daemon } from './daemon-process.ts'
import { LoopDisk, whyNoLoopDisk } from './loop-disk.ts'

const MODEL = 'private'
const PAD_BYTES = 16 * 1024 * 1024
const DISK_MIB = 160
const PIPE = ['sh', '-c', 'cat | "$@"', 'sh']

const reason = whyNoLoopDisk()
const startMs = Date.now()
const canary = makeCanary()
const model = reason === undefined ? tinyModelBytes({ canary, padBytes: PAD_BYTES }) : Buffer.of()
const promptCanary = `river ${randomBytes(24).toString('hex')} stone`

describe.skipIf(reason !== undefined)(
  `the raw disk${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let disk: LoopDisk
    let control: LoopDisk | undefined
    let home: string
    let env: NodeJS.ProcessEnv
    let daemon: Daemon | undefined
    let key: string
    let answer: string

    beforeAll(() => {
      disk = new LoopDisk(DISK_MIB)
      home = join(disk.path, 'home')
      const temporary = join(disk.path, 'tmp')
      mkdirSync(home)
      mkdirSync(temporary)
      env = { TMPDIR: temporary, TMP: temporary, TEMP: temporary }
    })
    afterAll(async () => {
      await daemon?.stop()
      disk.remove()
      control?.remove()
    })

    const needles = (): Needles => ({
      model: canary,
      prompt: Buffer.from(promptCanary),
      'prompt, as JavaScript keeps wide strings': Buffer.from(promptCanary, 'utf16le'),
      answer: Buffer.from(answer),
      key: Buffer.from(key),
    })
    const nothing = () => Object.fromEntries(Object.keys(needles()).map((name) => [name, 0]))

    const ask = (maxTokens: number, stream = false) =>
      askOnce(
        { url: daemon!.ready.url, key },
        {
          model: MODEL,
          stream,
          temperature: 0,
          max_completion_tokens: maxTokens,
          messages: [{ role: 'user', content: `Tell me of ${promptCanary}` }],
        },
      )

    test('a private model comes in through a pipe, and answers', async () => {
      const imported = await runCommand(home, ['model', 'import', '-', '--name', MODEL], model, {
        env,
        through: PIPE,
      })
      expect(imported).toMatchObject({ code: EXIT.ok })
      const added = await runCommand(home, ['client', 'add', 'tests', '--json'], undefined, { env })
      key = (JSON.parse(added.out) as { key: string }).key
      const sets = [`model=${MODEL}`, 'engine.contextTokens=1024', 'engine.slots=2']
      const args = sets.flatMap((set) => ['--set', set])
      daemon = await startDaemon(home, args, { env })
      answer = await textOf(await ask(64))
      expect(answer.length).toBeGreaterThan(32)
    })

    test('while it serves, no file of its own and no temporary file has any of it', () => {
      const folders = [disk.path, '/tmp', '/var/tmp', '/dev/shm']
      const files = filesChangedSince(folders, startMs).filter((path) => path !== disk.image)
      expect(files.some((path) => path.endsWith('model.gguf.sealed'))).toBe(true)
      for (const path of files) {
        try {
          expect(countInFile(path, needles()), path).toEqual(nothing())
        } catch (thrown) {
          // Somebody else's temporary file that is gone by now.
          if (!String(thrown).includes('ENOENT')) throw thrown
        }
      }
    })

    test('the engine is killed in the middle of an answer, comes back, and all stops', async () => {
      const reader = (await ask(900, true)).body!.getReader()
      await reader.read()
      process.kill(daemon!.ready.processes.engine, 'SIGKILL')
      await reader.cancel()
      const deadline = Date.now() + 60_000
      let again: Response
      do {
        await sleep(200)
        again = await ask(64)
      } while (again.status === 503 && Date.now() < deadline)
      expect(await textOf(again)).toBe(answer)
      expect(await daemon!.stop()).toBe(EXIT.ok)
    })

    test('nothing of it is on the raw disk', () => {
      disk.unmount()
      expect(countInFile(disk.image, needles())).toEqual(nothing())
      // It is the right disk: the names of what is kept are there.
      const kept = { sealed: Buffer.from('model.gguf.sealed'), record: Buffer.from('audit.jsonl') }
      const found = countInFile(disk.image, kept)
      expect(found.sealed).toBeGreaterThan(0)
      expect(found.record).toBeGreaterThan(0)
    })

    test('control: on such a disk the search finds what was written and deleted', () => {
      control = new LoopDisk(DISK_MIB)
      const path = join(control.path, 'plain')
      const file = openSync(path, 'w')
      writeSync(file, model)
      for (const needle of Object.values(needles()).slice(1)) writeSync(file, needle)
      fsyncSync(file)
      closeSync(file)
      rmSync(path)
      control.unmount()
      const found = countInFile(control.image, needles())
      expect(found.model).toBeGreaterThan(4000)
      expect(found).toEqual({ ...ones(), model: countInModel() })
    })

    const ones = () => Object.fromEntries(Object.keys(needles()).map((name) => [name, 1]))

    function countInModel(): number {
      let count = 0
      for (let at = model.indexOf(canary); at >= 0; at = model.indexOf(canary, at + 1)) count++
      return count
    }
  },
)

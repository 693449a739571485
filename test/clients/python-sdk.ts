/** An SDK of PyPI: python/tell.py in a process of its own, asked and answered line by line. */
import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { z } from 'zod'
import { environment } from '../e2e/daemon-process.ts'
import { Told, type Sdk } from './acts.ts'

const FOLDER = join(import.meta.dirname, 'python')
const STARTS = z.object({ acts: z.array(z.string()) })

/** A virtual environment with all of requirements.txt. @returns its Python */
export async function makePython(folder: string): Promise<string> {
  const run = promisify(execFile)
  const python = join(folder, 'venv/bin/python')
  await run('python3', ['-m', 'venv', join(folder, 'venv')])
  const how = ['--only-binary', ':all:', '--require-hashes', '--no-compile', '-q']
  await run(python, ['-m', 'pip', 'install', ...how, '-r', join(FOLDER, 'requirements.txt')])
  return python
}

/** @param name - of python/NAME_sdk.py */
export async function pythonSdk(python: string, name: string, home: string): Promise<Sdk> {
  const { PATH } = environment(home)
  const child = spawn(python, [join(FOLDER, 'tell.py'), name], {
    // litellm would ask the network for its list of prices, and tell.py is not ours to write beside.
    env: { PATH, HOME: home, LITELLM_LOCAL_MODEL_COST_MAP: 'True', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done) throw new Error(`${name} ended: ${said.slice(-2000)}`)
    return JSON.parse(line.value)
  }
  const { acts } = STARTS.parse(await next())
  return {
    acts,
    ask: async (act, ask) => {
      child.stdin.write(`${JSON.stringify({ act, ...ask })}\n`)
      return Told.parse(await next())
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

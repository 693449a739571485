/**
 * Peers from npm over the same rows. They are no dependencies of the project: they are installed at
 * one version each, without their scripts, into a folder of the moment.
 *
 * What it gives: what each says of each text. What it does not give: a peer when the registry cannot
 * be reached; that is said, and its columns stay empty.
 *
 * @packageDocumentation
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

const PACKAGES = [
  'redact-pii@3.4.0',
  '@redactpii/node@1.0.17',
  '@andersmyrmel/vard@1.2.0',
  '@secretlint/core@13.0.7',
  '@secretlint/secretlint-rule-preset-recommend@13.0.7',
] as const
const INSTALL_MS = 180_000
const RUN_MS = 600_000
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

const RESULTS = {
  vard: z.array(z.boolean()),
  'redact-pii': z.array(z.string()),
  '@redactpii/node': z.array(z.string()),
  secretlint: z.array(z.array(z.tuple([z.int(), z.int()]))),
} as const
export type PeerName = keyof typeof RESULTS

export interface PeerRun<R> {
  readonly results: R
  readonly microsecondsPerKb: number
}

type Results<N extends PeerName> = z.infer<(typeof RESULTS)[N]>

export class Peers {
  readonly #folder: string | null

  private constructor(folder: string | null) {
    this.#folder = folder
  }

  static install(): Peers {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'guard-peers-')))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--save-exact',
      ...PACKAGES,
    ]
    const { status } = spawnSync('npm', args, { cwd: folder, timeout: INSTALL_MS, stdio: 'ignore' })
    if (status === 0) {
      copyFileSync(join(import.meta.dirname, 'peer-runner.js'), join(folder, 'runner.js'))
      return new Peers(folder)
    }
    rmSync(folder, { recursive: true, force: true })
    console.log('NOT MEASURED: npm could not install the peers')
    return new Peers(null)
  }

  /** Undefined when they are not installed. */
  run<N extends PeerName>(peer: N, texts: readonly string[]): PeerRun<Results<N>> | undefined {
    if (this.#folder === null) return undefined
    // It reads its own packages, and nothing else of the machine.
    const args = [
      '--permission',
      `--allow-fs-read=${this.#folder}`,
      join(this.#folder, 'runner.js'),
    ]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      ...{ cwd: this.#folder, env: {}, encoding: 'utf8', timeout: RUN_MS },
      ...{ maxBuffer: MAX_ANSWER_BYTES, input: JSON.stringify({ peer, texts }) },
    })
    if (status !== 0)
      throw new Error(`${peer} ended with ${String(status)}: ${stderr.slice(0, 500)}`)
    const shape = z.object({ results: z.unknown(), tookMs: z.number() })
    const { results, tookMs } = shape.parse(JSON.parse(stdout))
    const kb = texts.reduce((sum, text) => sum + text.length, 0) / 1024
    // Of zod's union the table's own row is meant; TypeScript does not follow the name into it.
    return {
      results: RESULTS[peer].parse(results) as Results<N>,
      microsecondsPerKb: (tookMs * 1000) / kb,
    }
  }

  remove(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true })
  }
}

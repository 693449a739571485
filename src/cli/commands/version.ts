/**
 * `version`.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { EXIT, type ExitCode } from '../../errors.ts'
import type { Invocation } from '../session.ts'

const PACKAGE = z.object({ version: z.string() })

export function showVersion({ terminal }: Invocation): ExitCode {
  const path = join(import.meta.dirname, '../../../package.json')
  const { version } = PACKAGE.parse(JSON.parse(readFileSync(path, 'utf8')))
  terminal.out(`secure-llm ${version}, node ${process.versions.node}`)
  return EXIT.ok
}

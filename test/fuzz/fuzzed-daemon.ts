/** A daemon with a tiny chat model and a tiny embedding model, and what must hold when it was fuzzed. */
import { expect } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, runCommand, startDaemon } from '../e2e/daemon-process.ts'
import { OpenApi } from '../fixtures/openapi.ts'
import { tinyBertBytes } from '../fixtures/tiny-bert.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { isAlive, recordsOf } from '../process/tiny-daemon.ts'

export const MODEL = 'tiny'
export const VECTORS_MODEL = 'vectors'

const SETTINGS = [
  ...['--set', `model=${MODEL}`, '--set', 'engine.contextTokens=1024', '--set', 'engine.slots=2'],
  ...['--set', `models=${JSON.stringify({ [VECTORS_MODEL]: { load: 'start' } })}`],
  // Nobody is told to come back later: that would hide what a body does.
  ...['--set', 'gateway.requestsPerMinute=1000000', '--set', 'gateway.overflow=wait'],
]

export type FuzzedDaemon = Awaited<ReturnType<typeof startFuzzedDaemon>>

export async function startFuzzedDaemon() {
  const { home, state, remove } = makeHome()
  const command = (args: readonly string[], input?: Buffer) => runCommand(home, args, input)
  const models = { [MODEL]: tinyModelBytes(), [VECTORS_MODEL]: tinyBertBytes() }
  for (const [name, bytes] of Object.entries(models)) {
    const { code, err } = await command(['model', 'import', '-', '--name', name], bytes)
    if (code !== EXIT.ok) throw new Error(err)
  }
  const scopes = ['chat', 'tokens', 'models', 'metrics'].flatMap((scope) => ['--scope', scope])
  const added = await command(['client', 'add', 'tests', ...scopes, '--json'])
  const { key } = JSON.parse(added.out) as { key: string }
  const daemon = await startDaemon(home, SETTINGS)
  const { url, processes } = daemon.ready
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const document = await fetch(`${url}/openapi.json`, { headers })
  const api = new OpenApi(await document.json())

  /** The same processes, ready, and a record without a death that verifies. */
  const assertWhole = async () => {
    expect(Object.values(processes).every(isAlive)).toBe(true)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const types = recordsOf(state).map(({ type }) => type)
    const deaths = ['process.died', 'engine.lost', 'wire.refused']
    expect(types.filter((type) => deaths.includes(type))).toEqual([])
    expect(await command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
  }
  const end = async () => {
    await daemon.stop()
    remove()
  }
  return { url, key, headers, home, api, said: daemon.said, assertWhole, end }
}

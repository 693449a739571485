/** `serve` from end to end with stand-in processes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { serve } from '../../src/cli/serve/serve.ts'
import { createClient, readClients, revokeClient } from '../../src/cli/clients-file.ts'
import { testSession, type TestSession } from '../fixtures/cli-session.ts'

let folder: string
let readyFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-srv-'))
  readyFile = join(folder, 'ready.json')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const PORT_0 = 'gateway.listen=127.0.0.1:0'
const OPTIONS = { quickstart: false, startMs: 0 }

function withModel(options: Parameters<typeof testSession>[1] = {}): TestSession {
  const session = testSession(folder, { sets: [PORT_0], ...options })
  mkdirSync(session.paths.model(session.config.model), { mode: 0o700 })
  return session
}

interface Ready {
  url: string
  processes: Record<'gateway' | 'engine' | 'keeper', number>
  startupMs: number
  sandbox: Record<string, Record<string, string>>
}

async function waitForReady(): Promise<Ready> {
  while (!existsSync(readyFile)) await delay(20)
  return JSON.parse(readFileSync(readyFile, 'utf8')) as Ready
}

describe('serve', () => {
  test('says where it answers and who runs, and stops in order', async () => {
    const session = withModel()
    writeFileSync(readyFile, 'of an earlier run')
    const running = serve(session, { ...OPTIONS, readyFile })
    while (existsSync(readyFile)) await delay(5)
    const { url, processes, startupMs, sandbox } = await waitForReady()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    for (const pid of Object.values(processes)) process.kill(pid, 0)
    expect(Object.keys(processes).sort()).toEqual(['engine', 'gateway', 'keeper'])
    expect(startupMs).toBeGreaterThan(0)
    expect(sandbox).toEqual({ gateway: { landlock: 'enforced' } })
    session.interrupt()
    expect(await running).toBe(EXIT.ok)
    for (const pid of Object.values(processes)) expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect(readdirSync(session.paths.run).filter((name) => name.endsWith('.sock'))).toEqual([])
  })

  test('on a Unix socket, for its owner only', async () => {
    const path = join(folder, 'api.sock')
    const session = withModel({ sets: [`gateway.listen=unix:${path}`] })
    const running = serve(session, { ...OPTIONS, readyFile })
    expect((await waitForReady()).url).toBe(`unix:${path}`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(session.diary()).toContain('gateway /readyz localhost')
    session.interrupt()
    await running
    expect(existsSync(path)).toBe(false)
  })

  test('a death while serving is recorded, and the process comes back', async () => {
    const session = withModel()
    const running = serve(session, { ...OPTIONS, readyFile })
    const { processes } = await waitForReady()
    const starts = () => session.diary().filter((line) => line.startsWith('engine started')).length
    while (starts() < 1) await delay(20)
    process.kill(processes.engine, 'SIGKILL')
    while (starts() < 2) await delay(20)
    expect(session.diary()).toContain('keeper event process.died')
    session.interrupt()
    expect(await running).toBe(EXIT.ok)
  })

  test('a permanent fault of the engine is what serve fails with', async () => {
    const session = withModel({ processes: { engine: { exit: 78, code: 'VAULT_WRONG_KEY' } } })
    await expect(serve(session, OPTIONS_WITHOUT_FILE)).rejects.toMatchObject({
      code: 'VAULT_WRONG_KEY',
    })
    // Nothing runs any more, whether it had got far enough to say goodbye or not.
    for (const line of session.diary()) {
      const pid = / started (\d+)$/.exec(line)?.[1]
      if (pid !== undefined) expect(existsSync(`/proc/${pid}`), line).toBe(false)
    }
  })

  test('a permanent fault of the keeper wins over the broken line to it', async () => {
    const session = withModel({ processes: { keeper: { exit: 78, code: 'KEY_STORE_MISSING' } } })
    await expect(serve(session, OPTIONS_WITHOUT_FILE)).rejects.toMatchObject({
      code: 'KEY_STORE_MISSING',
    })
  })

  test('Ctrl-C before it is ready is an orderly end', async () => {
    const session = withModel({ processes: { keeper: { store: 'file' } } })
    const running = serve(session, OPTIONS_WITHOUT_FILE)
    await delay(10)
    session.interrupt()
    expect(await running).toBe(EXIT.ok)
  })

  test('one daemon for one state folder', async () => {
    const session = withModel()
    const running = serve(session, { ...OPTIONS, readyFile })
    await waitForReady()
    await expect(serve(withModelThere(), OPTIONS_WITHOUT_FILE)).rejects.toMatchObject({
      code: 'STATE_IN_USE',
    })
    session.interrupt()
    await running
  })

  test('without the model it says how to get one', async () => {
    const session = testSession(folder, { sets: [PORT_0] })
    await expect(serve(session, OPTIONS_WITHOUT_FILE)).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('model pull') as string,
    })
  })

  test('quickstart makes a client once, and shows its key once', async () => {
    const session = withModel()
    const running = serve(session, { ...OPTIONS, quickstart: true, readyFile })
    await waitForReady()
    while (!session.out.includes('Ctrl-C stops everything')) await delay(5)
    const key = /sk-local-[A-Za-z0-9_-]{43}/.exec(session.out.join('\n'))![0]
    expect(session.out.join('\n')).toContain('curl -N http://127.0.0.1:')
    expect(session.out.join('\n')).toContain('from openai import OpenAI')
    session.interrupt()
    await running
    expect(readClients(session.paths.clients)).toHaveLength(1)
    expect(readFileSync(session.paths.clients, 'utf8')).not.toContain(key.slice(9))

    const second = withModelThere()
    const again = serve(second, { ...OPTIONS, quickstart: true, readyFile })
    await waitForReady()
    while (!second.out.includes('Ctrl-C stops everything')) await delay(5)
    expect(second.out.join('\n')).not.toMatch(/sk-local-/)
    second.interrupt()
    await again
  })

  test('clients change while the daemon runs, and the record hears of it', async () => {
    const session = withModel()
    const running = serve(session, { ...OPTIONS, readyFile })
    await waitForReady()
    await createClient(session, { name: 'laptop', expiresDays: undefined })
    await revokeClient(session, 'laptop')
    expect(statSync(session.paths.clients).mode & 0o777).toBe(0o600)
    const events = session.diary().filter((line) => line.includes('event client'))
    expect(events).toEqual(['keeper event client.added', 'keeper event client.revoked'])
    session.interrupt()
    await running
  })
})

const OPTIONS_WITHOUT_FILE = { ...OPTIONS, readyFile: undefined }

function withModelThere(): TestSession {
  return testSession(folder, { sets: [PORT_0] })
}

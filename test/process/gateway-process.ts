/** A real gateway process between a stand-in engine and a stand-in keeper, over real sockets. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { hashKey } from '../../src/gateway/clients.ts'
import { MODEL, StandInEngine, StandInKeeper } from './gateway-stand-ins.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/.bin/node')

export const KEY = `sk-local-${'W'.repeat(43)}`

export interface BareGateway {
  readonly url: string
  readonly port: number
  readonly socketPath: string
  readonly statePath: string
  readonly child: ChildProcess
  readonly engine: StandInEngine
  readonly logs: () => string
  readonly exited: Promise<number | null>
  readonly post: (body: object, init?: RequestInit) => Promise<Response>
  readonly close: () => Promise<void>
}

export interface GatewayProcess extends BareGateway {
  readonly keeper: StandInKeeper
}

export interface StartOptions {
  readonly sets?: readonly string[]
  /** `none`: the process is not given a socket. */
  readonly listen?: 'tcp' | 'unix' | 'none'
}

export async function startGatewayProcess(options: StartOptions = {}): Promise<GatewayProcess> {
  const statePath = mkdtempSync(join(tmpdir(), 'gateway-process-'))
  mkdirSync(join(statePath, 'run'))
  mkdirSync(join(statePath, 'clients'))
  const keeper = new StandInKeeper(join(statePath, 'run/keeper-gateway.sock'))
  const remove = async () => {
    await keeper.close()
    rmSync(statePath, { recursive: true })
  }
  try {
    const bare = await startGatewayIn(statePath, options)
    const close = async () => {
      await bare.close()
      await remove()
    }
    return { ...bare, keeper, close }
  } catch (thrown) {
    await remove()
    throw thrown
  }
}

/** Only the engine is a stand-in: whose keeper it is, is up to who made the state folder. */
export async function startGatewayIn(
  statePath: string,
  options: StartOptions = {},
): Promise<BareGateway> {
  writeClients(statePath, [KEY])
  const engine = new StandInEngine(join(statePath, `run/engine-${MODEL}.sock`))
  const socketPath = join(statePath, 'api.sock')
  const listener = await listen(options.listen === 'unix' ? socketPath : undefined)
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const given = options.listen === 'none' ? undefined : descriptorOf(listener)
  const child = spawnGateway(statePath, given, options.sets ?? [])
  // The child has its own copy of the descriptor.
  listener.close()
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  const running: BareGateway = {
    ...{ url, port, socketPath, statePath, child, engine, exited },
    logs: () => text,
    post: (body, init) => post(url, body, init),
    close: async () => {
      child.kill('SIGKILL')
      await exited
      await engine.close()
    },
  }
  try {
    await untilReady(running)
  } catch (thrown) {
    await running.close()
    throw thrown
  }
  return running
}

async function untilReady({ child, logs }: BareGateway): Promise<void> {
  const untilMs = performance.now() + 20_000
  while (!logs().includes('"the engine is ready"') || !logs().includes('"listening"')) {
    if (child.exitCode !== null || performance.now() > untilMs) {
      throw new Error(`the gateway did not start: ${logs()} {"exit":${child.exitCode ?? -1}}`)
    }
    await sleep(20)
  }
}

function spawnGateway(
  statePath: string,
  descriptor: number | undefined,
  sets: readonly string[],
): ChildProcess {
  const all = [`model=${MODEL}`, ...sets].flatMap((set) => ['--set', set])
  const launcher = join(ROOT, 'dist/sandbox/launcher.js')
  const args = ['gateway', '--state', statePath, '--', '--state', statePath, ...all]
  return spawn(NODE, [launcher, ...args], {
    stdio: ['ignore', 'inherit', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    env: descriptor === undefined ? {} : { LISTEN_FDS: '1', LISTEN_FDNAMES: 'api' },
  })
}

/** Node hands listening sockets to Node children only; the number itself is on the handle. */
function descriptorOf(listener: Server): number {
  const handle: unknown = Reflect.get(listener, '_handle')
  const fd: unknown = typeof handle === 'object' && handle ? Reflect.get(handle, 'fd') : undefined
  if (typeof fd !== 'number') throw new Error('the listener has no descriptor')
  return fd
}

async function listen(path: string | undefined): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(`${path}.made`, resolve)
  })
  // libuv removes the path it has bound when our own copy is closed; the child still needs it.
  if (path !== undefined) renameSync(`${path}.made`, path)
  return server
}

export function writeClients(statePath: string, keys: readonly string[]) {
  const clients = keys.map((key, at) => ({
    id: `c-0000000${at}`,
    name: 'test',
    hash: hashKey(key).toString('hex'),
    created: '2026-11-23T10:00:00Z',
    expires: null,
    scopes: ['chat', 'models', 'tokens', 'metrics'],
  }))
  const path = join(statePath, 'clients/clients.json')
  writeFileSync(`${path}.new`, JSON.stringify({ format: 'secure-llm/clients/v1', clients }))
  renameSync(`${path}.new`, path)
}

export function chat(over: object = {}): object {
  return { model: MODEL, messages: [{ role: 'user', content: 'hello' }], ...over }
}

function post(url: string, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    },
  })
}

export async function errorCode(response: Response): Promise<string | null> {
  const body = (await response.json()) as { error: { code: string | null } }
  expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type'])
  return body.error.code
}

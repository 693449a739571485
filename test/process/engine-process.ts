/** dist/engine/main.js through the real launcher, between a stand-in keeper and a stand-in gateway. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listenOnPath } from '../../src/cli/serve/listening-sockets.ts'
import { canonicalManifest, manifestContext, type Manifest } from '../../src/vault/manifest.ts'
import { sealPayload } from '../../src/vault/payload.ts'
import { tinyModelBytes, TINY_TEMPLATE } from '../fixtures/tiny-gguf.ts'
import {
  StandInGateway,
  StandInKeeper,
  type KeyAnswer,
  type SealedModel,
} from './engine-stand-ins.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/.bin/node')

export const MODEL = 'tiny'

/** Seals a model into `folder`, as an import does. */
export async function sealModel(
  folder: string,
  model: Uint8Array,
  template: string | null,
): Promise<SealedModel> {
  const manifest: Manifest = {
    format: 'secure-llm/sealed-model/v1',
    name: MODEL,
    version: '1',
    bytes: model.length,
    sha256: createHash('sha256').update(model).digest('hex'),
    templateSha256: template === null ? null : createHash('sha256').update(template).digest('hex'),
    source: 'test',
    licence: 'Apache-2.0',
    created: '2026-11-23T09:00:00Z',
  }
  const context = manifestContext(manifest)
  const fileKey = randomBytes(32)
  const chunks: Buffer[] = []
  const source = (async function* () {
    yield model
  })()
  for await (const chunk of sealPayload(source, fileKey, context)) chunks.push(Buffer.from(chunk))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'model.gguf.sealed'), Buffer.concat(chunks), { mode: 0o600 })
  writeFileSync(join(folder, 'manifest.json'), canonicalManifest(manifest), { mode: 0o600 })
  return { fileKey, context, manifest }
}

export interface StartOptions {
  readonly sets?: readonly string[]
  readonly model?: Uint8Array
  readonly template?: string | null
  readonly keyAnswer?: KeyAnswer
  readonly mainArguments?: readonly string[]
  /** Changes the sealed folder after it was made. */
  readonly spoil?: (folder: string) => void
}

export interface EngineProcess {
  readonly pid: number
  readonly child: ChildProcess
  readonly keeper: StandInKeeper
  readonly statePath: string
  readonly logs: () => string
  readonly exited: Promise<number | string>
  readonly connect: () => StandInGateway
  readonly close: () => Promise<void>
}

export async function startEngine(options: StartOptions = {}): Promise<EngineProcess> {
  const statePath = mkdtempSync(join(tmpdir(), 'engine-'))
  mkdirSync(join(statePath, 'run'))
  const folder = join(statePath, 'models', MODEL)
  const template = options.template === undefined ? TINY_TEMPLATE : options.template
  const sealed = await sealModel(folder, options.model ?? tinyModelBytes(), template)
  options.spoil?.(folder)
  const keeperPath = join(statePath, 'run', `keeper-engine-${MODEL}.sock`)
  const keeper = new StandInKeeper(keeperPath, sealed, options.keyAnswer ?? 'grant')
  const enginePath = join(statePath, 'run', `engine-${MODEL}.sock`)
  const listener = await listenOnPath('engine', enginePath)
  const child = spawnEngine({ statePath, keeperPath, descriptor: listener.descriptor }, options)
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more))
  child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += `STDOUT ${more}`))
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? signal ?? 'nothing')
    })
  })
  return {
    pid: child.pid ?? -1,
    child,
    keeper,
    statePath,
    logs: () => text,
    exited,
    connect: () => new StandInGateway(enginePath),
    close: async () => {
      child.kill('SIGKILL')
      await exited
      keeper.close()
      listener.close()
      rmSync(statePath, { recursive: true, force: true })
    },
  }
}

interface Places {
  readonly statePath: string
  readonly keeperPath: string
  readonly descriptor: number
}

function spawnEngine(places: Places, options: StartOptions): ChildProcess {
  const { statePath, keeperPath, descriptor } = places
  const launcher = join(ROOT, 'dist/sandbox/launcher.js')
  const sets = ['engine.contextTokens=1024', 'engine.slots=4', ...(options.sets ?? [])]
  const mainArguments = [
    ...['--state', statePath, '--model', MODEL],
    ...sets.flatMap((set) => ['--set', set]),
    ...(options.mainArguments ?? []),
  ]
  const args = [launcher, 'engine', '--connect', `keeper=${keeperPath}`, '--', ...mainArguments]
  return spawn(NODE, args, {
    stdio: ['ignore', 'pipe', 'pipe', descriptor],
    env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'engine' },
  })
}

/** Until the log says so; throws with the log when the process ended instead. */
export async function untilLogged(engine: EngineProcess, words: string): Promise<void> {
  const untilMs = performance.now() + 30_000
  while (!engine.logs().includes(words)) {
    if (engine.child.exitCode !== null || engine.child.signalCode !== null) {
      throw new Error(`the engine ended: ${engine.logs()}`)
    }
    if (performance.now() > untilMs) throw new Error(`the engine hangs: ${engine.logs()}`)
    await sleep(20)
  }
}

/**
 * From a sealed folder to an engine that is ready to decode.
 *
 * What it gives: every check between the two, in the order that a hostile model meets them: the seal,
 * our own reader, the supervisor's memory, llama.cpp, locked memory, the self-test. What it does not
 * give: confinement after the load (`main.ts`).
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { memoryLockedReport, type LockPolicy } from '../sandbox/memory.ts'
import { giveAdapter, openAdapter, type AdapterOptions } from './adapter.ts'
import type { BatchContext } from './batch-context.ts'
import { fillReservedSlot } from './constant-prefix.ts'
import { testEmbedding } from './embedding/self-test.ts'
import {
  readModelHeader,
  templateSha256,
  type ModelHeader,
  type ModelKind,
} from '../gguf/model-header.ts'
import { EmbeddingContext } from './llama-embedding.ts'
import { loadModel, type LoadedModel } from './llama.ts'
import { memoryNeed, type NeedLimits } from './memory-need.ts'
import { PromptRenderer } from './prompt/renderer.ts'
import { Prompts } from './prompts.ts'
import { testBatches } from './self-test.ts'
import { openWeights, type OpenedWeights } from './weights.ts'

export interface LoadOptions {
  readonly folder: string
  /** The model that is asked for. */
  readonly name: string
  readonly adapter: AdapterOptions | undefined
  readonly lock: LockPolicy
  /** What the operator says the model is. */
  readonly kind: 'auto' | ModelKind
  readonly limits: NeedLimits
  /** 0: as many as physical cores. */
  readonly maxThreads: number
  readonly requestKey: (context: Uint8Array) => Promise<Uint8Array>
  /** Resolves when there is room for so many bytes. */
  readonly askMemory: (bytes: number) => Promise<void>
  readonly onLog: (line: string) => void
}

interface LoadedParts {
  readonly weights: OpenedWeights
  /** Its memory is given back already. */
  readonly adapter: OpenedWeights | undefined
  readonly header: ModelHeader
  readonly model: LoadedModel
  /** Memory that is not locked, in bytes; 0 when all is. */
  readonly unlockedBytes: number
}

export interface LoadedChat extends LoadedParts {
  readonly kind: 'chat'
  readonly context: BatchContext
  readonly prompts: Prompts
  /** What the reserved slot holds. */
  readonly constant: Uint32Array
}

export interface LoadedEmbedding extends LoadedParts {
  readonly kind: 'embedding'
  readonly context: EmbeddingContext
}

export type LoadedEngine = LoadedChat | LoadedEmbedding

/** The manifest is authentic, so a template that differs from it is a fault of whoever sealed it. */
function readHeader({ manifest, memory }: OpenedWeights): ModelHeader {
  const header = readModelHeader({
    bytes: memory.bytes,
    read: (offset, length) => memory.copyOut(offset, length),
  })
  const { chatTemplate } = header
  const found = chatTemplate === null ? null : templateSha256(chatTemplate)
  // null: whoever sealed it did not say. The template is part of the authentic payload all the same.
  if (manifest.templateSha256 !== null && found !== manifest.templateSha256) {
    throw new Fault('ENGINE_MODEL_INVALID', 'the chat template is not the one in the manifest')
  }
  return header
}

/**
 * Before the first decode: weights, key/value cache and heap.
 *
 * A map that nothing has read yet shows no page, and so none that is unlocked; the weights are
 * therefore counted whole, over all their maps.
 */
function checkLocked(policy: LockPolicy, weightBytes: number): number {
  const { unlocked, kinds } = memoryLockedReport()
  const bytes =
    unlocked.length === 0
      ? Math.max(0, weightBytes - kinds.memfd.lockedBytes)
      : unlocked.reduce((sum, map) => sum + Math.max(map.pssBytes - map.lockedBytes, 0), 0)
  if (policy === 'required' && bytes > 0) {
    throw new Fault('MEMORY_LOCK_LIMIT', `${bytes} bytes are not locked after loading`)
  }
  return bytes
}

function checkKind(header: ModelHeader, expected: LoadOptions['kind']): void {
  if (expected === 'auto' || expected === header.kind) return
  throw new Fault(
    'MODEL_KIND',
    `the file is a model for ${header.kind}, its settings say ${expected}`,
  )
}

/** @throws Fault `VAULT_*`, `KEEPER_UNAVAILABLE`, `ENGINE_*`, `ADAPTER_*`, `MODEL_KIND` or `MEMORY_*`. */
export async function loadEngine(options: LoadOptions): Promise<LoadedEngine> {
  const opened = await openFiles(options)
  const { weights, header, adapter } = opened
  const adapterBytes = adapter?.memory.bytes ?? 0
  const files = { weightBytes: weights.memory.bytes, adapterBytes }
  await options.askMemory(memoryNeed(files, header, options.limits))
  const { lock, maxThreads, onLog } = options
  const model = await loadModel(weights.memory.path, { maxThreads, onLog })
  weights.memory.closeDescriptor()
  // Before the context is made, which counts what the adapter adds to a step.
  if (adapter !== undefined) await giveAdapter(model, adapter)
  const parts = { ...opened, model }
  // Beyond what it was trained for a model writes noise.
  const contextTokens = Math.min(options.limits.contextTokens, model.trainedTokens)
  const limits = { ...options.limits, contextTokens }
  return header.kind === 'chat' ? loadChat(parts, lock, limits) : loadEmbedding(parts, lock, limits)
}

/** Unsealed and read by us alone: llama.cpp has seen nothing yet. */
async function openFiles(options: LoadOptions): Promise<Omit<Opened, 'model'>> {
  const { folder, name, lock, kind, requestKey } = options
  const weights = await openWeights({ folder, name, kind: 'model', lock, requestKey })
  const header = readHeader(weights)
  checkKind(header, kind)
  const adapter =
    options.adapter === undefined ? undefined : await openAdapter(options.adapter, header, lock)
  return { weights, header, adapter }
}

type Opened = Omit<LoadedParts, 'unlockedBytes'>

async function loadChat(opened: Opened, lock: LockPolicy, limits: NeedLimits): Promise<LoadedChat> {
  const { weights, model, header } = opened
  const context = await model.createBatchContext(limits)
  const unlockedBytes = checkLocked(lock, weights.memory.bytes)
  await testBatches(model, context)
  const renderer = new PromptRenderer(header.chatTemplate, model.vocabulary)
  const found = renderer.constantPrefix()
  const constant = found.length < context.contextTokens ? found : new Uint32Array()
  await fillReservedSlot(context, constant)
  const prompts = new Prompts(renderer, model.vocabulary)
  return { kind: 'chat', ...opened, context, prompts, constant, unlockedBytes }
}

async function loadEmbedding(
  opened: Opened,
  lock: LockPolicy,
  { contextTokens }: NeedLimits,
): Promise<LoadedEmbedding> {
  const { weights, model } = opened
  const context = await EmbeddingContext.create(model, contextTokens)
  const unlockedBytes = checkLocked(lock, weights.memory.bytes)
  await testEmbedding(model, context)
  return { kind: 'embedding', ...opened, context, unlockedBytes }
}

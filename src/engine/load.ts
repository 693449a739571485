/**
 * From a sealed folder to an engine that is ready to decode.
 *
 * What it gives: every check between the two, in the order that a hostile model meets them: the seal,
 * our own reader, llama.cpp, locked memory, the self-test. What it does not give: confinement after
 * the load (`main.ts`).
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { memoryLockedReport, type LockPolicy } from '../sandbox/memory.ts'
import { fillReservedSlot } from './constant-prefix.ts'
import { readModelHeader, templateSha256, type ModelHeader } from './gguf.ts'
import type { BatchContext } from './batch-context.ts'
import { loadModel, type LoadedModel } from './llama.ts'
import { PromptRenderer } from './prompt/renderer.ts'
import { Prompts } from './prompts.ts'
import { testBatches } from './self-test.ts'
import { openWeights, type OpenedWeights } from './weights.ts'

export interface LoadOptions {
  readonly folder: string
  /** The model that is asked for. */
  readonly name: string
  readonly lock: LockPolicy
  readonly contextTokens: number
  readonly slots: number
  readonly batchTokens: number
  /** 0: as many as physical cores. */
  readonly maxThreads: number
  readonly requestKey: (context: Uint8Array) => Promise<Uint8Array>
  readonly onLog: (line: string) => void
}

export interface LoadedEngine {
  readonly weights: OpenedWeights
  readonly model: LoadedModel
  readonly context: BatchContext
  readonly prompts: Prompts
  /** What the reserved slot holds. */
  readonly constant: Uint32Array
  /** Memory that is not locked, in bytes; 0 when all is. */
  readonly unlockedBytes: number
}

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

async function createContext(model: LoadedModel, options: LoadOptions): Promise<BatchContext> {
  const { slots, batchTokens } = options
  // Beyond what it was trained for a model writes noise.
  const contextTokens = Math.min(options.contextTokens, model.trainedTokens)
  return await model.createBatchContext({ contextTokens, slots, batchTokens })
}

/** @throws Fault `VAULT_*`, `KEEPER_UNAVAILABLE`, `ENGINE_*` or `MEMORY_LOCK_LIMIT`. */
export async function loadEngine(options: LoadOptions): Promise<LoadedEngine> {
  const { folder, name, lock, requestKey, maxThreads, onLog } = options
  const weights = await openWeights({ folder, name, lock, requestKey })
  const header = readHeader(weights)
  const model = await loadModel(weights.memory.path, { maxThreads, onLog })
  weights.memory.closeDescriptor()
  const context = await createContext(model, options)
  const unlockedBytes = checkLocked(lock, weights.memory.bytes)
  await testBatches(model, context)
  const renderer = new PromptRenderer(header.chatTemplate, model.vocabulary)
  const found = renderer.constantPrefix()
  const constant = found.length < context.contextTokens ? found : new Uint32Array()
  await fillReservedSlot(context, constant)
  const prompts = new Prompts(renderer, model.vocabulary)
  return { weights, model, context, prompts, constant, unlockedBytes }
}

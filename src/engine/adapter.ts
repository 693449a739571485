/**
 * A LoRA adapter on its way to llama.cpp: opened like a model, read strictly, held against its base.
 *
 * What it gives: an adapter that fits, in sealed memory until llama.cpp has its own copy of it. What it
 * does not give: adapters side by side; an engine applies one, or none, to every request.
 *
 * @packageDocumentation
 */
import { Fault, type FaultCode } from '../errors.ts'
import { checkFits, readAdapter } from '../gguf/adapter.ts'
import type { ModelHeader } from '../gguf/model-header.ts'
import type { LockPolicy } from '../sandbox/memory.ts'
import type { LoadedModel } from './llama.ts'
import { openWeights, type OpenedWeights } from './weights.ts'

export interface AdapterOptions {
  readonly folder: string
  readonly name: string
  readonly requestKey: (context: Uint8Array) => Promise<Uint8Array>
}

/** @throws Fault `VAULT_*`, `MODEL_KIND`, `KEEPER_UNAVAILABLE`, `MEMORY_LOCK_LIMIT` or `ADAPTER_*`. */
export async function openAdapter(
  options: AdapterOptions,
  base: ModelHeader,
  lock: LockPolicy,
): Promise<OpenedWeights> {
  if (base.kind !== 'chat') {
    throw new Fault('ADAPTER_MISFIT', 'the base is an embedding model, which takes no adapter')
  }
  const opened = await openWeights({ ...options, kind: 'adapter', lock })
  const { manifest, memory } = opened
  const adapter = readAdapter({
    bytes: memory.bytes,
    read: (offset, length) => memory.copyOut(offset, length),
  })
  if (adapter.architecture !== manifest.architecture) {
    const code: FaultCode = 'ADAPTER_INVALID'
    throw new Fault(code, 'the architecture of the adapter is not the one in its manifest')
  }
  checkFits(adapter, base)
  return opened
}

/** llama.cpp copies an adapter into memory of its own, which is locked like all of the process. */
export async function giveAdapter(model: LoadedModel, { memory }: OpenedWeights): Promise<void> {
  await model.loadAdapter(memory.path)
  memory.unmap()
}

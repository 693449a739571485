/**
 * The tokens that every prompt of a model starts with, computed once and kept in the reserved slot.
 *
 * They come from the model's template alone, so they are no secret between clients.
 *
 * @packageDocumentation
 */
import type { BatchContext } from './batch-context.ts'
import { ALIGNED_TOKENS } from './scheduler.ts'

/**
 * Fills the reserved slot. It must not stay empty, because an empty slot cannot overwrite another:
 * without a constant prefix it holds one token, which nobody keeps.
 */
export async function fillReservedSlot(
  context: BatchContext,
  constant: Uint32Array,
): Promise<void> {
  const ids = constant.length > 0 ? constant : Uint32Array.of(0)
  const slot = context.reservedSlot
  // In the pieces of a prompt with fixed cuts, so that it can stand for the start of one.
  for (let position = 0; position < ids.length; position += ALIGNED_TOKENS) {
    const part = ids.subarray(position, position + ALIGNED_TOKENS)
    await context.decode([{ slot, position, ids: part, logits: 'none' }])
  }
}

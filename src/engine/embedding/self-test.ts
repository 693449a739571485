/**
 * The start-up check that our calls make the vectors that node-llama-cpp's public interface makes.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { EmbeddingContext } from '../llama-embedding.ts'
import type { LoadedModel } from '../llama.ts'

const PROBE = 'The quick brown fox jumps over'
/** Of a difference between two numbers of unit vectors: the same code ran twice. */
const TOLERANCE = 1e-5

/** @throws Fault `ENGINE_SELF_TEST` */
export async function testEmbedding(model: LoadedModel, context: EmbeddingContext): Promise<void> {
  const expected = await context.embedPublicly(PROBE)
  const found = await context.embed(context.framed(model.vocabulary.tokenize(PROBE, 'plain')))
  const isSame = found.every((number, at) => Math.abs(number - (expected[at] ?? 2)) <= TOLERANCE)
  if (isSame) return
  throw new Fault('ENGINE_SELF_TEST', 'our vectors are not those of node-llama-cpp itself')
}

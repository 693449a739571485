/**
 * Bounds on a request for embeddings.
 *
 * @packageDocumentation
 */

/** As OpenAI has it, and as the inner wire carries. */
export const MAX_INPUTS = 2048

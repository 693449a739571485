/**
 * The mark where a cached prefix ends: accepted, because what is cached is decided by the engine alone.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

export const CacheControl = z.looseObject({ type: z.string().max(64) }).nullish()

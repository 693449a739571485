/**
 * The seed of every random run here: the same cases each time, so that a find of chance does not
 * break another person's change; `FUZZ_SEED=random`, or a number, to explore.
 *
 * @packageDocumentation
 */

/** Any number would do. */
const USUAL_SEED = 20_261_126
const MAX_SEED = 2 ** 31

export function readSeed(given: string | undefined): number {
  if (given === undefined || given === '') return USUAL_SEED
  if (given === 'random') return Math.floor(Math.random() * MAX_SEED)
  const seed = /^[0-9]{1,10}$/.test(given) ? Number(given) : NaN
  if (seed < MAX_SEED) return seed
  throw new Error(`FUZZ_SEED is "random" or a whole number below ${MAX_SEED}`)
}

export const SEED = readSeed(process.env.FUZZ_SEED)

/**
 * Which frame of a job for embeddings may come next: the engine is a stranger here as everywhere.
 *
 * @packageDocumentation
 */
import { Fault } from '../../errors.ts'
import type { JobFrame } from '../job-book.ts'
import { checkNeed } from '../job-terms.ts'

export interface ExpectedVectors {
  readonly inputs: number
  /** Numbers in a vector, 4 bytes each. */
  readonly dimensions: number
  /** Of one input at most. */
  readonly contextTokens: number
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export class VectorProgress {
  readonly #expected: ExpectedVectors
  #told = 0
  #tokens = 0

  constructor(expected: ExpectedVectors) {
    this.#expected = expected
  }

  /** @throws Fault `WIRE_BROKEN` */
  check(frame: JobFrame): void {
    const { inputs, contextTokens } = this.#expected
    if (frame.name === 'vectors.told') {
      const { index, tokens, vector } = frame.body
      if (index !== this.#told || index >= inputs) throw broken('vectors.told out of order')
      if (tokens > contextTokens) throw broken('vectors.told with impossible counts')
      this.#checkVector(vector)
      this.#told++
      this.#tokens += tokens
    } else if (frame.name === 'vectors.done') {
      if (this.#told < inputs) throw broken('vectors.done before all vectors')
      if (frame.body.promptTokens !== this.#tokens) throw broken('vectors.done with another sum')
    } else if (frame.name === 'job.failed') checkNeed(frame, frame.body, contextTokens)
    else throw broken(`${frame.name} for a job that asked for vectors`)
  }

  #checkVector(vector: string): void {
    const bytes = 4 * this.#expected.dimensions
    const isWhole = vector.length === 4 * Math.ceil(bytes / 3) && BASE64.test(vector)
    if (!isWhole) throw broken('vectors.told of another length')
  }
}

function broken(what: string): Fault {
  return new Fault('WIRE_BROKEN', what)
}

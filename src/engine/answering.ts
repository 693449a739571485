/**
 * What follows a decoded batch: tokens are sampled, judged, and handed to their answers.
 *
 * What it gives: the first tokens of all answers from one reading of the prompt, chances of tokens
 * from the model's own distribution, the prompt's own tokens for who asked for them. What it does
 * not give: the batch (`decode-loop.ts`).
 *
 * @packageDocumentation
 */
import type { TokenChance } from './answer/token-line.ts'
import type { BatchContext } from './batch-context.ts'
import type { Branch } from './branch.ts'
import type { Job } from './job.ts'
import { ALIGNED_TOKENS } from './scheduler.ts'
import type { SlotTable } from './slot-table.ts'
import type { Running } from './step.ts'
import type { ModelVocabulary } from './vocabulary.ts'

export class Answering {
  readonly #vocabulary: ModelVocabulary
  readonly #context: BatchContext
  readonly #table: SlotTable

  constructor(vocabulary: ModelVocabulary, context: BatchContext, table: SlotTable) {
    this.#vocabulary = vocabulary
    this.#context = context
    this.#table = table
  }

  /** @param logits - As `decode` gave them for this part. */
  async answer({ job, branch, part }: Running, logits: readonly number[]): Promise<void> {
    if (!job.isReadingPrompt) {
      const [logit] = logits
      if (branch.queue.length === 0 && logit !== undefined) await this.#sample(job, branch, logit)
      return
    }
    if (job.request.echo === 'tokens' && job.request.topLogprobs !== null) {
      await this.#judgePrompt(job, part, logits)
    }
    if (branch.queue.length > 0) return
    const last = logits.at(-1)
    if (last !== undefined) await this.#beginAnswers(job, branch, last)
  }

  /** The prompt is read: every answer gets its first token from the same logits. */
  async #beginAnswers(job: Job, first: Branch, logit: number): Promise<void> {
    const { cuts, prompt } = job.request
    job.endPrompt(performance.now())
    if (cuts === 'fixed') {
      this.#table.noteFixed(first.slot, prompt.length - (prompt.length % ALIGNED_TOKENS))
    }
    for (const branch of job.branches) {
      if (job.answerTokens === 0) branch.finish = 'length'
      else await this.#sample(job, branch, logit)
    }
    // The bytes move at the start of the next batch, which is the first that writes to any of them.
    for (const branch of job.branches) {
      if (branch === first || branch.finish !== null) continue
      await this.#context.copySlot(first.slot, branch.slot)
      this.#table.copy(first.slot, branch.slot)
      branch.position = first.position
    }
  }

  async #sample(job: Job, branch: Branch, logit: number): Promise<void> {
    const id = await this.#context.sample(logit, branch.sampler)
    if (this.#vocabulary.endsAnswer(id)) {
      branch.endByModel()
    } else {
      const chance = await this.#chanceOf(job, logit, id)
      const bytes = this.#bytesOf(id, job.request.plan.spelled)
      for (const event of branch.accept({ id, bytes, chance })) {
        job.listener.said(branch.choice, event)
      }
    }
    if (branch.finish === null) return
    for (const event of branch.flush()) job.listener.said(branch.choice, event)
  }

  #bytesOf(id: number, spelled: ReadonlySet<number>): Uint8Array {
    return spelled.has(id) ? Buffer.from(this.#vocabulary.textOf(id)) : this.#vocabulary.bytesOf(id)
  }

  async #chanceOf(job: Job, logit: number, id: number): Promise<TokenChance | null> {
    const { topLogprobs } = job.request
    if (topLogprobs === null) return null
    return { id, ...(await this.#context.chanceOf(logit, id, topLogprobs)) }
  }

  /** Tokens of this part; each was predicted by the one before it. */
  async #judgePrompt(job: Job, part: Running['part'], logits: readonly number[]): Promise<void> {
    const { prompt } = job.request
    const told: { id: number; chance: TokenChance | null }[] = []
    if (part.position === 0) told.push({ id: prompt[0] ?? 0, chance: null })
    for (let at = 0; at < part.ids.length; at++) {
      const id = prompt[part.position + at + 1]
      if (id === undefined) break
      const logit = logits[at]
      const chance = logit === undefined ? null : await this.#chanceOf(job, logit, id)
      told.push({ id, chance })
    }
    if (told.length > 0) job.listener.prompt(told)
  }
}

/**
 * An engine with a stop-watch: the same jobs, and their times and tokens in the metrics.
 *
 * @packageDocumentation
 */
import type {
  Engine,
  EngineJob,
  EngineReady,
  EngineState,
  JobOrder,
  ModelKind,
  VectorOrder,
} from '../engine-link.ts'
import type { JobFrame } from '../job-book.ts'
import type { Question, ToldFrame } from '../question-book.ts'
import type { Metrics } from './metrics.ts'

const MS_PER_SECOND = 1000

export class MeteredEngine implements Engine {
  readonly #engine: Engine
  readonly #metrics: Metrics

  constructor(engine: Engine, metrics: Metrics) {
    this.#engine = engine
    this.#metrics = metrics
  }

  get model(): string {
    return this.#engine.model
  }

  get ready(): EngineReady | undefined {
    return this.#engine.ready
  }

  get state(): EngineState {
    return this.#engine.state
  }

  load(kind: ModelKind, signal: AbortSignal): Promise<EngineReady> {
    return this.#engine.load(kind, signal)
  }

  start(order: JobOrder): EngineJob {
    return this.#watched(this.#engine.start(order))
  }

  startVectors(order: VectorOrder): EngineJob {
    return this.#watched(this.#engine.startVectors(order))
  }

  ask(question: Question): Promise<ToldFrame> {
    return this.#engine.ask(question)
  }

  #watched(job: EngineJob): EngineJob {
    const watch = new JobWatch(this.model, this.#metrics)
    return {
      next: async () => {
        const frame = await job.next()
        watch.see(frame)
        return frame
      },
      cancel: (reason) => {
        job.cancel(reason)
      },
      settled: job.settled,
    }
  }
}

class JobWatch {
  readonly #model: string
  readonly #metrics: Metrics
  readonly #startedMs = performance.now()
  /** When the last token of each choice came. */
  readonly #lastMs = new Map<number, number>()

  constructor(model: string, metrics: Metrics) {
    this.#model = model
    this.#metrics = metrics
  }

  see(frame: JobFrame): void {
    if (frame.name === 'job.started') this.#metrics.promptRead(this.#model, frame.body)
    if (frame.name === 'vectors.told') {
      const promptTokens = frame.body.tokens
      this.#metrics.promptRead(this.#model, { promptTokens, cachedTokens: 0 })
    }
    if (frame.name === 'job.text') this.#seeText(frame.body.choice, frame.body.chars.length)
  }

  #seeText(choice: number, tokens: number): void {
    if (tokens === 0) return
    const nowMs = performance.now()
    const lastMs = this.#lastMs.get(choice)
    if (this.#lastMs.size === 0) {
      this.#metrics.firstToken(this.#model, (nowMs - this.#startedMs) / MS_PER_SECOND)
    }
    if (lastMs !== undefined) {
      this.#metrics.tokenGap(this.#model, (nowMs - lastMs) / MS_PER_SECOND / tokens)
    }
    this.#lastMs.set(choice, nowMs)
    this.#metrics.tokensCame(this.#model, tokens)
  }
}

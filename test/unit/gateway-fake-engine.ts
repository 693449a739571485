/** Stand-ins for engines inside the process: they do what a test tells them. */
import { Fault } from '../../src/errors.ts'
import type * as link from '../../src/gateway/engine-link.ts'
import { FrameQueue } from '../../src/gateway/frame-queue.ts'
import { Cancelled, type CancelReason, type JobFrame } from '../../src/gateway/job-book.ts'
import type { Question, ToldFrame } from '../../src/gateway/question-book.ts'
import type { BodyOf } from '../../src/wire/frames.ts'

export const MODEL = 'tiny'
export const READY: link.EngineReady = {
  model: MODEL,
  created: 1_700_000_000,
  kind: 'chat',
  contextTokens: 4096,
  slots: 8,
  vocabularyTokens: 49_152,
  dimensions: 0,
  abilities: { thinking: 'never', infill: false },
  layers: [{ layer: 'seccomp', state: 'enforced', detail: '/somewhere' }],
  weightBytes: 1,
  lockedBytes: 1,
  loadMs: 1,
}

type Text = BodyOf<'job.text'>
type Finish = BodyOf<'job.done'>['choices'][number]['finish']
const ANSWER = { job: 1, choice: 0, part: 'answer' as const, chances: [] }

export class FakeJob<Order = link.JobOrder> implements link.EngineJob {
  readonly order: Order
  readonly frames = new FrameQueue<JobFrame>()
  readonly settled: Promise<void>
  cancelled: CancelReason | undefined
  #settle: () => void = () => undefined
  #over = false

  constructor(order: Order) {
    this.order = order
    this.settled = new Promise((resolve) => (this.#settle = resolve))
  }

  next() {
    return this.frames.next()
  }

  cancel(reason: CancelReason) {
    if (this.#over) return
    this.#over = true
    this.cancelled = reason
    this.frames.abort(new Cancelled(reason))
    this.#settle()
  }

  started(promptTokens = 5) {
    this.frames.push({ name: 'job.started', body: { job: 1, promptTokens, cachedTokens: 2 } })
    return this
  }

  text(...texts: string[]) {
    for (const text of texts) this.part({ text })
    return this
  }

  /** Any part of any choice, one token unless `chars` says otherwise. */
  part(body: Partial<Text> & { text: string }) {
    this.frames.push({ name: 'job.text', body: { ...ANSWER, chars: [body.text.length], ...body } })
    return this
  }

  /** A call with its arguments in pieces. */
  call(name: string, ...pieces: string[]) {
    this.frames.push({ name: 'job.call', body: { job: 1, choice: 0, name } })
    for (const text of pieces) this.part({ part: 'arguments', text })
    return this
  }

  done(...finishes: Finish[]) {
    const choices = (finishes.length === 0 ? (['stop'] as const) : finishes).map((finish) => ({
      finish,
      stop: null,
    }))
    const counts = { promptTokens: 5, cachedTokens: 2, completionTokens: 3 }
    this.#end({ name: 'job.done', body: { job: 1, choices, ...counts, prefillMs: 1, decodeMs: 2 } })
    return this
  }

  /** One for each input, and their end. */
  vectors(...numbers: number[][]) {
    numbers.forEach((vector, index) => {
      const bytes = Buffer.from(Float32Array.from(vector).buffer)
      const body = { job: 1, index, tokens: 3, vector: bytes.toString('base64') }
      this.frames.push({ name: 'vectors.told', body })
    })
    this.#end({ name: 'vectors.done', body: { job: 1, promptTokens: 3 * numbers.length } })
    return this
  }

  failed(code: string, message: string, need: Partial<BodyOf<'job.failed'>> = {}) {
    this.#end({ name: 'job.failed', body: { job: 1, code, message, ...need } })
    return this
  }

  lost(fault: Fault) {
    this.#over = true
    this.frames.fail(fault)
    this.#settle()
  }

  #end(frame: JobFrame) {
    this.#over = true
    this.frames.push(frame)
    this.#settle()
  }
}

export class FakeEngine implements link.Engine {
  readonly model: string
  ready: link.EngineReady | undefined
  readonly jobs: FakeJob[] = []
  readonly vectorJobs: FakeJob<link.VectorOrder>[] = []
  state: link.EngineState = 'ready'
  /** What happens to each job for embeddings. */
  vectorScript: (job: FakeJob<link.VectorOrder>) => void = (job) => {
    job.vectors(...job.order.inputs.map((_, at) => (at % 2 === 0 ? [0.6, 0.8, 0] : [0, 0, 1])))
  }
  /** What happens to each job; by default it answers "Paris." */
  script: (job: FakeJob) => void = (job) => {
    job.started().text('Par', 'is', '.').done()
  }

  readonly questions: Question[] = []
  /** By default every UTF-16 unit is a token, whose id is its code. */
  tell: (question: Question) => ToldFrame = tellUnits

  ask(question: Question): Promise<ToldFrame> {
    this.questions.push(question)
    return Promise.resolve(this.tell(question))
  }

  constructor(ready: link.EngineReady = READY) {
    this.model = ready.model
    this.ready = ready
  }

  load(kind: link.ModelKind): Promise<link.EngineReady> {
    const { ready } = this
    if (ready?.kind === kind) return Promise.resolve(ready)
    const code = ready === undefined ? 'ENGINE_UNAVAILABLE' : 'MODEL_KIND'
    return Promise.reject(new Fault(code, 'the engine of tiny is not ready'))
  }

  start(order: link.JobOrder): link.EngineJob {
    const job = new FakeJob(order)
    this.jobs.push(job)
    this.script(job)
    return job
  }

  startVectors(order: link.VectorOrder): link.EngineJob {
    const job = new FakeJob(order)
    this.vectorJobs.push(job)
    this.vectorScript(job)
    return job
  }
}

export const VECTORS_MODEL = 'tiny-bert'
export const VECTORS_READY: link.EngineReady = {
  ...{ ...READY, model: VECTORS_MODEL, kind: 'embedding', dimensions: 3 },
  ...{ contextTokens: 512, slots: 1, vocabularyTokens: 1000 },
}

function tellUnits(question: Question): ToldFrame {
  if (question.name === 'text.ask') {
    return { name: 'text.told', body: { job: 1, text: String.fromCharCode(...question.body.ids) } }
  }
  const { input, want } = question.body
  const text = input.kind === 'text' ? input.text : JSON.stringify(input)
  const ids = want === 'ids' ? Array.from(text, (char) => char.charCodeAt(0)) : []
  return { name: 'tokens.told', body: { job: 1, count: text.length, ids } }
}

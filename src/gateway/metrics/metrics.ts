/**
 * Numbers for an operator's Prometheus.
 *
 * What it gives: counters, histograms and states whose labels come from our own tables: routes,
 * statuses, models of the configuration. What it does not give: anything of a request's content, or
 * a label that a caller could choose; a stranger cannot make a new time series.
 *
 * @packageDocumentation
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Health } from '../routes/health.ts'
import { ROUTES } from '../routes/table.ts'

/** From a token on a fast machine to a long wait on a slow one. */
const GAP_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
const WAIT_SECONDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]
const REQUEST_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300]

/** What a request has to be called when it matched no route. */
const OTHER_ROUTE = 'other'
const AUDIT_STATES = ['ok', 'away', 'refusing'] as const
const KNOWN_PATHS: ReadonlySet<string> = new Set(ROUTES.map(({ path }) => path))

export interface MetricsSources {
  readonly health: () => Health
  readonly seats: () => { readonly taken: number; readonly waiting: number; readonly most: number }
}

export interface EndedRequest {
  /** The pattern that it matched. */
  readonly path: string | undefined
  readonly status: number
  readonly seconds: number
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'route' | 'status'>
  readonly #requestSeconds: Histogram<'route'>
  readonly #tokens: Counter<'model' | 'kind'>
  readonly #firstToken: Histogram<'model'>
  readonly #tokenGap: Histogram<'model'>

  constructor() {
    const registers = [this.#registry]
    this.#requests = new Counter({
      name: 'secure_llm_requests_total',
      help: 'Requests that are over, by route and status; 499: the client was gone.',
      labelNames: ['route', 'status'],
      registers,
    })
    this.#requestSeconds = new Histogram({
      name: 'secure_llm_request_seconds',
      help: 'From the first byte of a request to the end of its answer.',
      labelNames: ['route'],
      buckets: REQUEST_SECONDS,
      registers,
    })
    this.#tokens = new Counter({
      name: 'secure_llm_tokens_total',
      help: 'Tokens of prompts, those of them that were remembered, and tokens of answers.',
      labelNames: ['model', 'kind'],
      registers,
    })
    this.#firstToken = new Histogram({
      name: 'secure_llm_first_token_seconds',
      help: 'From the start of a job to its first text.',
      labelNames: ['model'],
      buckets: WAIT_SECONDS,
      registers,
    })
    this.#tokenGap = new Histogram({
      name: 'secure_llm_token_gap_seconds',
      help: 'From token to token of one answer, as the gateway takes them.',
      labelNames: ['model'],
      buckets: GAP_SECONDS,
      registers,
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** States are looked at when somebody asks for them. */
  watch({ health, seats }: MetricsSources): void {
    this.#gauge(
      'secure_llm_engine_ready',
      '1 when the engine answers, or is loaded when it is asked; as /readyz.',
      ['model'],
      (gauge) => {
        for (const [model, state] of Object.entries(health().models)) {
          gauge.set({ model }, state === 'away' ? 0 : 1)
        }
      },
    )
    this.#gauge(
      'secure_llm_audit_state',
      '1 for the state the record is in.',
      ['state'],
      (gauge) => {
        const { audit } = health()
        for (const state of AUDIT_STATES) gauge.set({ state }, state === audit ? 1 : 0)
      },
    )
    this.#gauge('secure_llm_seats', 'Places of the engine.', ['state'], (gauge) => {
      const { taken, waiting, most } = seats()
      gauge.set({ state: 'taken' }, taken)
      gauge.set({ state: 'waiting' }, waiting)
      gauge.set({ state: 'most' }, most)
    })
  }

  requestEnded({ path, status, seconds }: EndedRequest): void {
    const route = path !== undefined && KNOWN_PATHS.has(path) ? path : OTHER_ROUTE
    this.#requests.inc({ route, status: String(status) })
    this.#requestSeconds.observe({ route }, seconds)
  }

  promptRead(model: string, counts: { promptTokens: number; cachedTokens: number }): void {
    this.#tokens.inc({ model, kind: 'prompt' }, counts.promptTokens)
    this.#tokens.inc({ model, kind: 'cached' }, counts.cachedTokens)
  }

  firstToken(model: string, seconds: number): void {
    this.#firstToken.observe({ model }, seconds)
  }

  tokensCame(model: string, tokens: number): void {
    this.#tokens.inc({ model, kind: 'answer' }, tokens)
  }

  tokenGap(model: string, seconds: number): void {
    this.#tokenGap.observe({ model }, seconds)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #gauge<L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    look: (gauge: Gauge<L>) => void,
  ): void {
    const gauge = new Gauge<L>({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        look(gauge)
      },
    })
  }
}

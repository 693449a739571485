/**
 * The HTTP side, put together: the order of the plugins is the order of the checks.
 *
 *     arrival → authentication → rate limit → (admission) → body → route
 *
 * @packageDocumentation
 */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { OwnAddress } from './host-check.ts'
import type { ClientDirectory } from './clients-file.ts'
import { createEngines, type Engines } from './engines.ts'
import type { Guards } from './guard-port.ts'
import type { Recorder } from './keeper-link.ts'
import { admission, type AdmissionOptions } from './plugins/admission.ts'
import { arrival, checkAddress, makeRequestId, setOwnHeaders } from './plugins/arrival.ts'
import { authentication } from './plugins/authentication.ts'
import { bodies } from './plugins/bodies.ts'
import { answerBrokenHttp, faults, sendFailure } from './plugins/faults.ts'
import { rateLimits } from './plugins/rate-limits.ts'
import type { RefusalRecord } from './refusal-record.ts'
import { SchemaBook } from './chat/schemas.ts'
import { Exchanges, stoppingFault } from './exchange.ts'
import { MeteredEngine } from './metrics/metered-engine.ts'
import { Metrics } from './metrics/metrics.ts'
import { registerChat } from './routes/chat.ts'
import { registerCompletions } from './routes/completions.ts'
import { registerEmbeddings } from './routes/embeddings.ts'
import { registerHealth, type Health } from './routes/health.ts'
import { registerMessages } from './routes/messages.ts'
import { countRequests, registerMetrics } from './routes/metrics.ts'
import { registerModels } from './routes/models.ts'
import { registerOpenApi } from './routes/openapi.ts'
import { registerResponses } from './routes/responses.ts'
import { registerTokens } from './routes/tokens.ts'

/** The part of the configuration that the HTTP side needs; reasons are in config/schema.ts. */
export interface GatewaySettings extends AdmissionOptions {
  readonly maxBodyBytes: number
  readonly maxMessages: number
  readonly requestsPerMinute: number
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly idleTimeoutMs: number
  readonly pingIntervalMs: number
  readonly retryAfterSeconds: number
}

export interface AppParts {
  readonly settings: GatewaySettings
  /** null on a Unix socket. */
  readonly port: () => number | null
  readonly log: FastifyBaseLogger
  readonly directory: ClientDirectory
  readonly engines: Engines
  readonly keeper: Recorder
  readonly refusals: Pick<RefusalRecord, 'note'>
  readonly guards: Guards
  readonly health: () => Health
  /** Aborted first when the process stops: no new requests. */
  readonly draining: AbortSignal
  /** Aborted second: running answers are ended. */
  readonly stopping: AbortSignal
}

/** Time for headers and body to arrive; a caller that trickles them holds a seat. */
const HEADERS_TIMEOUT_MS = 10_000
const BODY_TIMEOUT_MS = 30_000
const MAX_CONNECTIONS = 512

export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { settings, draining } = parts
  const { retryAfterSeconds } = settings
  const app = createServer(parts, () => ownAddress(parts))
  const metrics = new Metrics()
  countRequests(app, metrics)
  await app.register(faults, { retryAfterSeconds })
  await app.register(bodies)
  await app.register(arrival, { own: () => ownAddress(parts) })
  await app.register(rateLimits, settings)
  await app.register(authentication, {
    directory: parts.directory,
    refusals: parts.refusals,
    countFailure: (request, reply) => app.countFailure(request, reply),
    countRequest: (request, reply) => app.countRequest(request, reply),
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.client === null) return
    await app.countRequest(request, reply)
    if (draining.aborted) throw stoppingFault()
  })
  await app.register(admission, settings)
  metrics.watch({ health: parts.health, seats: app.seatCounts })
  registerRoutes(app, parts, metrics)
  return app
}

function registerRoutes(app: FastifyInstance, parts: AppParts, metrics: Metrics): void {
  const options = {
    ...parts,
    ...parts.settings,
    engines: createEngines(parts.engines.all.map((engine) => new MeteredEngine(engine, metrics))),
    schemas: new SchemaBook(),
  }
  const exchanges = new Exchanges(options)
  registerHealth(app, parts.health)
  registerModels(app, parts.engines)
  registerChat(app, options)
  registerCompletions(app, { ...options, exchanges })
  registerResponses(app, { ...options, exchanges })
  registerMessages(app, { ...options, exchanges })
  registerTokens(app, { ...options, exchanges })
  registerEmbeddings(app, { ...options, exchanges })
  registerOpenApi(app)
  registerMetrics(app, metrics)
}

function ownAddress({ settings, port }: AppParts): OwnAddress {
  const { allowedHosts, allowedOrigins } = settings
  return { port: port(), allowedHosts, allowedOrigins }
}

function createServer({ settings, log }: AppParts, own: () => OwnAddress): FastifyInstance {
  const waitMs = settings.overflow === 'wait' ? settings.waitMs : 0
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.maxBodyBytes,
    keepAliveTimeout: settings.idleTimeoutMs,
    // Counts the time at the door, too: a large body waits there unread.
    requestTimeout: BODY_TIMEOUT_MS + waitMs,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 5000 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: makeRequestId,
    clientErrorHandler: answerBrokenHttp,
    // A path that cannot be decoded never reaches the hooks, so the first check is made here.
    frameworkErrors: (error, request, reply) => {
      setOwnHeaders(request, reply)
      const refusal = checkAddress(request.raw, own())
      sendFailure(refusal ?? error, request, reply, settings.retryAfterSeconds)
    },
  })
  app.server.maxConnections = MAX_CONNECTIONS
  return app
}

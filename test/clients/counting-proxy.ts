/**
 * A proxy on loopback that passes everything on and notes every request: how many there were, when,
 * and what the daemon answered. It says nothing of its own, but 502 when the daemon is gone.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'

export interface Attempt {
  /** On the clock of `performance.now`, in milliseconds. */
  readonly cameMs: number
  answeredMs?: number
  status?: number
}

export interface CountingProxy {
  readonly url: string
  readonly attempts: Attempt[]
  readonly close: () => Promise<void>
}

export async function startCountingProxy(daemonUrl: string): Promise<CountingProxy> {
  const attempts: Attempt[] = []
  const daemon = new URL(daemonUrl)
  const server = createServer((asked, answer) => {
    const attempt: Attempt = { cameMs: performance.now() }
    attempts.push(attempt)
    passOn(daemon, asked, answer, attempt)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(server.address())
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, attempts, close }
}

function passOn(
  daemon: URL,
  asked: IncomingMessage,
  answer: ServerResponse,
  attempt: Attempt,
): void {
  const { method = 'GET', url: path = '/', headers } = asked
  const { hostname, port, host } = daemon
  const further = request(
    { hostname, port, method, path, headers: { ...headers, host } },
    (answered) => {
      attempt.status = answered.statusCode ?? 0
      attempt.answeredMs = performance.now()
      answer.writeHead(attempt.status, answered.headers)
      answered.pipe(answer)
    },
  )
  further.on('error', () => {
    if (!answer.headersSent) answer.writeHead(502)
    answer.end()
  })
  answer.on('close', () => further.destroy())
  asked.pipe(further)
}

/**
 * `GET /openapi.json`. It holds nothing secret; it needs a key because every route does that is not
 * there to say whether the process lives.
 *
 * @packageDocumentation
 */
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from '../openapi/document.ts'

/** Of this API; it changes when a client could notice. */
export const API_VERSION = '1.0.0'

export function registerOpenApi(app: FastifyInstance): void {
  const document = openApiDocument(API_VERSION)
  app.get('/openapi.json', () => document)
}

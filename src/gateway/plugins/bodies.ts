/**
 * Bodies: JSON that says so, in UTF-8, with each key once. Everything else is a 415 or a 400 before
 * a route sees it.
 *
 * @packageDocumentation
 */
import fp from 'fastify-plugin'
import { ClientMistake } from '../api-error.ts'
import { assertStrictJson } from '../strict-json.ts'

export const bodies = fp(
  async (app) => {
    // `text/plain` is what a page can post anywhere without asking.
    app.removeAllContentTypeParsers()
    const parseJson = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer' },
      (request, bytes, done) => {
        const text = decodeUtf8(bytes)
        if (text instanceof ClientMistake) {
          done(text)
          return
        }
        void parseJson(request, text, (error, body: unknown) => {
          done(error ?? refuseLoose(text), body)
        })
      },
    )
  },
  { name: 'bodies', fastify: '5.x' },
)

function decodeUtf8(bytes: Buffer): string | ClientMistake {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new ClientMistake('invalid_json', 'the body is not valid UTF-8')
  }
}

function refuseLoose(text: string): Error | null {
  try {
    assertStrictJson(text)
    return null
  } catch (thrown) {
    if (thrown instanceof ClientMistake) return thrown
    throw thrown
  }
}

/**
 * The document and the readers of bodies say the same: what it allows is refused by no reader but
 * for a rule that a schema cannot say, and what a reader takes, it allows.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClientMistake } from '../../src/gateway/api-error.ts'
import { checkFields, honouredSchema } from '../../src/gateway/body-fields.ts'
import { parseWith } from '../../src/gateway/chat/parse.ts'
import { parseChatRequest } from '../../src/gateway/chat/request.ts'
import { completionModel, parseCompletion } from '../../src/gateway/completions/request.ts'
import { parseEmbeddingRequest } from '../../src/gateway/embeddings/request.ts'
import { parseCountable, parseMessage } from '../../src/gateway/messages/request.ts'
import { openApiDocument } from '../../src/gateway/openapi/document.ts'
import { parseResponse } from '../../src/gateway/responses/request.ts'
import { DETOKENIZE_FIELDS, TOKENIZE_FIELDS } from '../../src/gateway/tokens/fields.ts'
import { damaged, damages } from '../fixtures/broken-values.ts'
import { OpenApi } from '../fixtures/openapi.ts'
import { valuesOf } from '../fixtures/schema-values.ts'
import { READY } from '../unit/gateway-fakes.ts'

const api = new OpenApi(openApiDocument('1.0.0'))
const LIMITS = { maxMessages: 256 }
const RUNS = 600

const READERS: Readonly<Record<string, (body: unknown) => unknown>> = {
  '/v1/chat/completions': (body) => parseChatRequest(body, LIMITS),
  '/v1/completions': (body) => {
    completionModel(body)
    return parseCompletion(body, READY)
  },
  '/v1/responses': (body) => parseResponse(body, LIMITS),
  '/v1/messages': (body) => parseMessage(body, LIMITS),
  '/v1/messages/count_tokens': (body) => parseCountable(body, LIMITS),
  '/v1/embeddings': parseEmbeddingRequest,
  '/v1/tokenize': (body) => {
    checkFields(body, TOKENIZE_FIELDS, ['model', 'input'])
    const { model, input } = parseWith(honouredSchema(TOKENIZE_FIELDS), body)
    return typeof input === 'string' || parseChatRequest({ model, messages: input }, LIMITS)
  },
  '/v1/detokenize': (body) => {
    checkFields(body, DETOKENIZE_FIELDS, ['model', 'tokens'])
    return parseWith(honouredSchema(DETOKENIZE_FIELDS), body)
  },
}

/** Rules between fields, and about what a text says: no schema has them, a reader does. */
const RULES: readonly RegExp[] = [
  /(is|are) only allowed together with/,
  /do not agree/,
  /there is no such tool in tools/,
  /another tool has this name/,
  /must answer one of the tool_calls/,
  /no call before it has this id/,
  /two calls have this id/,
  /expected the JSON text of one object/,
  /there is no message in it/,
  /the last one must not be an answer/,
  /budget_tokens must be less than max_tokens/,
  /logit_bias: a token is named twice/,
  // Of the model.
  /the tokens of this model are numbered/,
  /this model answers \d+ times at once/,
  /best_of: only the value of n/,
  /0 asks for nothing, unless echo is true/,
  /was not trained to fill a gap/,
]

/** A text that is the JSON of an object, or two ids that meet: else the rules hide the rest. */
const texts = ['hello', '{}', '{"a":1}', 'call_1', '<|im_end|>', '\u200b', 'f']
const named = {
  ObjectText: fc.constantFrom('{}', '{"a":1}', '', '[]'),
  ArgumentSchema: fc.constantFrom({}, { type: 'object' }, { type: 'object', properties: {} }),
}

function bodiesOf(path: string) {
  const { components } = api.document
  const values = valuesOf(api.bodySchema(path), { components: components.schemas, named, texts })
  return fc
    .tuple(values, damages)
    .map(([value, all]): unknown => JSON.parse(JSON.stringify(damaged(value, all))))
    .filter((body) => !JSON.stringify(body).includes('__proto__'))
}

function mistakeOf(read: () => unknown): ClientMistake | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (thrown instanceof ClientMistake) return thrown
    throw thrown
  }
}

test('every route with a body has a reader here', () => {
  expect(Object.keys(READERS).sort()).toEqual(api.posts.sort())
})

describe.each(api.posts)('%s', (path) => {
  test('is read as the document says', () => {
    const seen = { taken: 0, refused: 0, ruled: 0 }
    fc.assert(
      fc.property(bodiesOf(path), (body) => {
        const fault = api.bodyFault(path, body)
        const mistake = mistakeOf(() => READERS[path]!(body))
        if (mistake === undefined) {
          seen.taken++
          expect(fault, 'taken, and the document does not allow it').toBeUndefined()
          return
        }
        if (fault !== undefined) {
          seen.refused++
          return
        }
        seen.ruled++
        const isRule = RULES.some((rule) => rule.test(mistake.message))
        expect(isRule, `allowed, and refused: ${mistake.code} ${mistake.message}`).toBe(true)
        expect(['invalid_value', 'unsupported_parameter']).toContain(mistake.code)
      }),
      { numRuns: RUNS },
    )
    // Of each kind there was enough.
    expect(seen.taken).toBeGreaterThan(RUNS / 10)
    expect(seen.refused).toBeGreaterThan(RUNS / 10)
  })
})

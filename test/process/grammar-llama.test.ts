/** llama.cpp reads our grammars as we do, and holds a model to them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import {
  getLlama,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileSchema, jsonObjectGrammar } from '../../src/grammar/compile.ts'
import { FORMATS } from '../../src/grammar/formats.ts'
import { Gbnf } from '../fixtures/gbnf.ts'
import { GbnfWriter } from '../fixtures/gbnf-writer.ts'
import { GRAMMAR_CASES } from '../fixtures/grammar-cases.ts'
import { llamaGrammar } from '../fixtures/llama-grammar.ts'
import { writeTinyModel } from '../fixtures/tiny-gguf.ts'

describe("llama.cpp's parser", () => {
  test.each(GRAMMAR_CASES)('$keyword $schema', ({ schema, yes, no }) => {
    const grammar = llamaGrammar(compileSchema(schema).grammar)
    expect(yes.filter((text) => !grammar.accepts(text))).toEqual([])
    expect(no.filter((text) => grammar.accepts(text))).toEqual([])
  })

  test.each(Object.keys(FORMATS))('format %s: a text of ours is one of its', (format) => {
    const { grammar } = compileSchema({ type: 'string', format })
    const llama = llamaGrammar(grammar)
    const writer = new GbnfWriter(new Gbnf(grammar))
    let seed = 1
    const draw = (below: number) => (seed = (seed * 48_271) % 0x7fffffff) % below
    for (let count = 0; count < 20; count++) {
      const text = writer.write(draw, 40)
      expect(llama.accepts(text), text).toBe(true)
      expect(llama.accepts(text.slice(0, -1)), text).toBe(false)
    }
  })

  test('a name that begins with another, and control characters', () => {
    const { grammar } = compileSchema({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^[\\u0000-\\u001f"\\\\]+$' }, ab: {} },
      required: ['a'],
    })
    const llama = llamaGrammar(grammar)
    const every = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')
    expect(llama.accepts(JSON.stringify({ a: `${every}"\\`, ab: 1, abc: 2 }))).toBe(true)
    expect(llama.accepts(JSON.stringify({ a: 'x' }))).toBe(false)
  })
})

describe('a model of random weights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grammar-'))
  let model: LlamaModel

  beforeAll(async () => {
    const path = join(folder, 'tiny.gguf')
    writeTinyModel(path)
    const llama = await getLlama({
      build: 'never',
      gpu: false,
      maxThreads: 1,
      logLevel: LlamaLogLevel.error,
      skipDownload: true,
    })
    model = await llama.loadModel({ modelPath: path })
  })
  afterAll(async () => {
    await model.dispose()
    rmSync(folder, { recursive: true })
  })

  /** Until the model ends, or `most` tokens. */
  async function write(grammar: string, seed: number, most = 400): Promise<[string, boolean]> {
    const context = await model.createContext({ contextSize: 1024, threads: 1 })
    const sequence = context.getSequence()
    const parsed = await model.llama.createGrammar({ grammar })
    const state = new LlamaGrammarEvaluationState({ model, grammar: parsed })
    const ids: Token[] = []
    const prompt = model.tokenize('Hello world')
    let hasEnded = true
    for await (const id of sequence.evaluate(prompt, {
      grammarEvaluationState: state,
      temperature: 1,
      topK: 0,
      topP: 1,
      seed,
    })) {
      ids.push(id)
      if (ids.length < most) continue
      hasEnded = false
      break
    }
    await context.dispose()
    return [model.detokenize(ids), hasEnded]
  }

  const SCHEMAS = [
    ...GRAMMAR_CASES.filter(({ keyword }) => keyword !== 'format').map(({ schema }) => schema),
    {
      type: 'object',
      properties: {
        city: { type: 'string', minLength: 3, maxLength: 12 },
        unit: { enum: ['celsius', 'kelvin'] },
        days: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 31 }, maxItems: 4 },
      },
      required: ['city', 'unit', 'days'],
      additionalProperties: false,
    },
  ]

  test('writes what is valid, whatever the schema', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    let ended = 0
    for (const [index, schema] of SCHEMAS.entries()) {
      const { grammar } = compileSchema(schema)
      const [text, hasEnded] = await write(grammar, index + 1, 120)
      if (!hasEnded) continue
      ended++
      expect(
        ajv.validate(schema as object, JSON.parse(text)),
        `${JSON.stringify(schema)}: ${text}`,
      ).toBe(true)
      expect(new Gbnf(grammar).accepts(text), text).toBe(true)
    }
    expect(ended, 'most come to an end').toBeGreaterThan(SCHEMAS.length / 2)
  })

  test('an answer that is cut is the beginning of a valid one', async () => {
    const { grammar } = jsonObjectGrammar()
    const [text] = await write(grammar, 7, 40)
    expect(text.startsWith('{')).toBe(true)
    const { readTo } = new Gbnf(grammar).read(text)
    expect(readTo).toBe(text.length)
  })
})

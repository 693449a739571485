import { describe, expect, test } from 'vitest'
import { encodeFrame, FrameReader } from '../../src/wire/codec.ts'
import { FRAMES, type BodyOf, type FrameName, type Peer } from '../../src/wire/frames.ts'

const NAMES = Object.keys(FRAMES) as FrameName[]
const PEERS: Peer[] = ['gateway', 'engine', 'keeper', 'cli']
const HEX = 'ab'.repeat(32)

const SAMPLING = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 0,
  biases: [[5, -100] as [number, number]],
}

/** A body of each frame that its row takes. */
const HONEST: { [N in FrameName]: BodyOf<N> } = {
  'engine.ready': {
    model: 'tiny',
    created: 1,
    kind: 'chat',
    contextTokens: 4096,
    slots: 8,
    vocabularyTokens: 49_152,
    dimensions: 0,
    abilities: { thinking: 'optional', infill: false },
    layers: [{ layer: 'seccomp', state: 'enforced', detail: 'é' }],
    weightBytes: 1,
    lockedBytes: 1,
    loadMs: 0.5,
  },
  'job.start': {
    job: 1,
    client: 'c-1',
    input: {
      kind: 'chat',
      messages: [
        { role: 'user', content: 'x\u0000\ud83d\ude00' },
        { role: 'assistant', content: '', calls: [{ id: 'call_1', name: 'f', arguments: '{}' }] },
        { role: 'tool', content: '', callId: 'call_1' },
      ],
      tools: [{ name: 'f', description: null, parameters: '{}', rules: 't0-root ::= "{}"' }],
      thinking: 'default',
    },
    choices: 2,
    maxTokens: null,
    sampling: SAMPLING,
    stop: [],
    form: { rules: 'a-root ::= "x"', calls: { mode: 'may', only: null, atOnce: 'several' } },
    topLogprobs: 2,
    echo: 'none',
    prefix: 'reuse',
    cuts: 'fixed',
  },
  'job.cancel': { job: 0xffff_ffff },
  'job.started': { job: 1, promptTokens: 1, cachedTokens: 0 },
  'job.progress': { job: 1, doneTokens: 1, promptTokens: 2 },
  'job.text': {
    job: 1,
    choice: 0,
    part: 'answer',
    text: 'x',
    chars: [1],
    chances: [{ bytes: 'eA==', logprob: -0.5, top: [['eA==', -0.5]] }],
  },
  'job.done': {
    job: 1,
    choices: [{ finish: 'stop', stop: 3 }],
    promptTokens: 1,
    cachedTokens: 0,
    completionTokens: 1,
    prefillMs: 1,
    decodeMs: 1,
  },
  'job.failed': { job: 1, code: 'ENGINE_BUG', message: 'x' },
  'job.call': { job: 1, choice: 0, name: 'f' },
  'job.prompt': { job: 1, chances: [{ bytes: 'eA==', logprob: null, top: [] }] },
  'tokens.ask': { job: 1, input: { kind: 'text', text: 'x', suffix: null }, want: 'ids' },
  'tokens.told': { job: 1, count: 1, ids: [5] },
  'text.ask': { job: 1, ids: [5] },
  'text.told': { job: 1, text: 'x' },
  'vectors.ask': { job: 1, client: 'c-1', inputs: [{ kind: 'ids', ids: [5] }] },
  'vectors.told': { job: 1, index: 0, tokens: 1, vector: 'AAAAAA==' },
  'vectors.done': { job: 1, promptTokens: 1 },
  'key.request': { context: HEX },
  'key.grant': new Uint8Array(32).fill(7),
  'key.refuse': { code: 'VAULT_WRONG_KEY', message: 'x' },
  'engine.event': { event: { type: 'engine.loaded' } },
  'engine.event-kept': { seq: 0 },
  'keeper.ready': { store: 'file', auditHealthy: true, layers: [] },
  'audit.append': { id: 1, event: { type: 'request.accepted' } },
  'audit.kept': { id: 1, seq: 1 },
  'audit.refused': { id: 1, code: 'AUDIT_UNAVAILABLE', message: 'x' },
  'slot.add': new Uint8Array(40).fill(7),
  'slot.added': { store: 'file', keyId: 'x' },
  'store.unlock': new Uint8Array(8).fill(7),
  'store.unlocked': {},
  'keeper.refuse': { code: 'KEY_STORE_LOCKED', message: 'x' },
  'cli.event': { event: { type: 'model.added' } },
  'cli.event-kept': { seq: 1 },
  'keeper.ask': {},
  'keeper.state': { store: 'file', warnings: [], auditHealthy: true, layers: [] },
  'memory.ask': { bytes: 1 },
  'memory.granted': {},
  'memory.refused': { code: 'MEMORY_BUDGET', message: 'x' },
  'engine.jobs': { running: 0 },
  'engine.end': {},
}

/** The name and the body belong together, which the types cannot say of a whole table. */
const encodeHonest = (name: FrameName) => encodeFrame(name, HONEST[name] as never)
const readerFor = (name: FrameName) => new FrameReader(FRAMES[name].from, FRAMES[name].to)
const broken = expect.objectContaining({ code: 'WIRE_BROKEN' }) as Error

function framed(number: number, body: Uint8Array | string, lengthBytes?: number): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(lengthBytes ?? 1 + bytes.length, 0)
  head.writeUInt8(number, 4)
  return Buffer.concat([head, bytes])
}

describe('every frame', () => {
  test.each(NAMES)('%s goes there and back, at every cut', (name) => {
    const bytes = encodeHonest(name)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = readerFor(name)
      const first = reader.push(bytes.subarray(0, cut))
      const second = reader.push(bytes.subarray(cut))
      expect([...first, ...second]).toEqual([{ name, body: HONEST[name] }])
      expect(first.length).toBe(cut === bytes.length ? 1 : 0)
    }
  })

  test.each(NAMES)('%s is for one pair of peers only', (name) => {
    const bytes = encodeHonest(name)
    for (const from of PEERS) {
      for (const to of PEERS) {
        const reader = new FrameReader(from, to)
        if (from === FRAMES[name].from && to === FRAMES[name].to) continue
        expect(() => reader.push(bytes), `${from} to ${to}`).toThrow(broken)
      }
    }
  })

  test.each(NAMES)('%s longer than its row is refused from its head on', (name) => {
    const { number, maxBytes } = FRAMES[name]
    for (const bodyBytes of [maxBytes + 1, 0xffff_fffe]) {
      const head = framed(number, '', 1 + bodyBytes)
      expect(() => readerFor(name).push(head)).toThrow(broken)
    }
    // A length of 0 does not even hold the number.
    expect(() => readerFor(name).push(framed(number, '', 0))).toThrow(broken)
    expect(readerFor(name).push(framed(number, '', 1 + maxBytes))).toEqual([])
  })

  const parsed = NAMES.filter((name) => FRAMES[name].body !== 'bytes')
  test.each(parsed)('%s with a malformed body is refused', (name) => {
    const { number } = FRAMES[name]
    const honest = JSON.parse(JSON.stringify(HONEST[name])) as Record<string, unknown>
    const fields = Object.keys(honest)
    const bodies = [
      Buffer.from([0x7b, 0xff, 0x7d]),
      ...['', '{', 'null', '[]', '1', '"x"', `${JSON.stringify(honest)}x`],
      ...fields.map((field) => JSON.stringify({ ...honest, [field]: undefined })),
      ...fields.map((field) => JSON.stringify({ ...honest, [field]: { x: 1 } })),
      JSON.stringify({ ...honest, more: 1 }),
      JSON.stringify(honest).replace('{', '{"__proto__":{},'),
    ]
    for (const body of bodies) {
      const bytes = framed(number, body)
      const isTooLong = bytes.length - 5 > FRAMES[name].maxBytes
      expect(() => readerFor(name).push(bytes), isTooLong ? '' : String(body)).toThrow(broken)
    }
  })
})

describe('the reader', () => {
  const numbers = new Set<number>(NAMES.map((name) => FRAMES[name].number))
  test('numbers are used once, and every other number is refused', () => {
    expect(numbers.size).toBe(NAMES.length)
    for (let number = 0; number < 256; number++) {
      if (numbers.has(number)) continue
      for (const from of PEERS) {
        const reader = new FrameReader(from, from === 'keeper' ? 'cli' : 'keeper')
        expect(() => reader.push(framed(number, '{}'))).toThrow(broken)
      }
    }
  })

  test('an unknown number is refused before its body has come', () => {
    expect(() => readerFor('key.request').push(framed(99, '', 20))).toThrow(broken)
  })

  test('a byte order mark is refused before the body, and kept inside of it', () => {
    const mark = Buffer.from('\ufeff')
    for (const name of NAMES.filter((each) => FRAMES[each].body !== 'bytes')) {
      const honest = Buffer.from(JSON.stringify(HONEST[name]))
      const body = Buffer.concat([mark, honest])
      if (body.length > FRAMES[name].maxBytes) continue
      expect(() => readerFor(name).push(framed(FRAMES[name].number, body)), name).toThrow(broken)
    }
    const body = { ...HONEST['job.text'], text: '\ufeffx\ufeff', chars: [2, 1] }
    const [frame] = readerFor('job.text').push(encodeFrame('job.text', body))
    expect(frame).toEqual({ name: 'job.text', body })
    const bytes = Uint8Array.of(...mark, ...Array<number>(29).fill(7))
    const [key] = readerFor('key.grant').push(encodeFrame('key.grant', bytes))
    expect(key?.body).toEqual(bytes)
  })

  test('what a key frame leaves in memory is overwritten', () => {
    const bytes = encodeFrame('key.grant', HONEST['key.grant'])
    const [frame] = readerFor('key.grant').push(bytes)
    // The body is a copy of its own: zeroing it must not need anything else.
    expect(frame?.body).toEqual(HONEST['key.grant'])
    bytes.fill(0)
    expect(frame?.body).toEqual(HONEST['key.grant'])
  })

  test('our own frame that is too long is a fault before a byte is sent', () => {
    expect(() => encodeFrame('key.grant', new Uint8Array(33))).toThrow(broken)
    const message = 'x'.repeat(3000)
    expect(() => encodeFrame('key.refuse', { code: 'X', message })).toThrow(broken)
  })
})

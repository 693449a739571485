import { expect, test } from 'vitest'
import { parseArguments } from '../../src/engine/arguments.ts'
import { checkInputBytes, checkPromptTokens } from '../../src/engine/prompt-bounds.ts'
import { samplerConfig } from '../../src/engine/sampling.ts'
import { bytesOfEntry } from '../../src/engine/vocabulary.ts'

const SAMPLING = {
  temperature: 0.7,
  topP: 0.9,
  topK: 40,
  minP: 0.05,
  presencePenalty: 0.5,
  frequencyPenalty: -0.5,
  seed: 42,
  biases: [
    [7, -100],
    [8, 1.5],
  ] as [number, number][],
}

test('every value of a request reaches the sampler, and the penalties see the whole answer', () => {
  expect(samplerConfig(SAMPLING, 900)).toEqual({
    temperature: 0.7,
    topP: 0.9,
    topK: 40,
    minP: 0.05,
    seed: 42,
    repeatPenaltyTokens: new Uint32Array(),
    repeatPenalty: 1,
    repeatPenaltyMaxTokens: 900,
    repeatPenaltyPresencePenalty: 0.5,
    repeatPenaltyFrequencyPenalty: -0.5,
    tokenBiasKeys: Uint32Array.of(7, 8),
    tokenBiasValues: Float32Array.of(-Infinity, 1.5),
  })
})

test('what a request leaves out is no link in the chain', () => {
  const config = samplerConfig({ ...SAMPLING, topK: 0, minP: 0, biases: [] }, 1)
  expect(Object.keys(config)).not.toEqual(expect.arrayContaining(['topK']))
  expect(Object.keys(config)).not.toEqual(expect.arrayContaining(['minP']))
  expect(Object.keys(config)).not.toEqual(expect.arrayContaining(['tokenBiasKeys']))
})

test('the seed that llama.cpp reads as “any” is not passed on', () => {
  expect(samplerConfig({ ...SAMPLING, seed: 0xffff_ffff }, 1).seed).toBe(0xffff_fffe)
})

test('vocabulary entries give the bytes they spell', () => {
  expect(bytesOfEntry('<0xE2>')).toEqual(Uint8Array.of(0xe2))
  expect(Buffer.from(bytesOfEntry('Ġthe')!).toString()).toBe(' the')
  expect([...bytesOfEntry('âĤ')!]).toEqual([0xe2, 0x82])
  expect(Buffer.from(bytesOfEntry('ï¿½')!).toString()).toBe('\u{fffd}')
  expect(bytesOfEntry('▁the')).toBeNull()
})

test('a prompt that cannot fit is refused with both numbers, before it is tokenised', () => {
  const text = (content: string) => ({ kind: 'text', text: content, suffix: null }) as const
  expect(() => {
    checkInputBytes(text('x'.repeat(70_000)), 4096)
  }).toThrow(/70000 bytes.*at least 4375 tokens.*4096/)
  checkInputBytes(text('é'.repeat(32_768)), 4096)
  expect(() => {
    checkInputBytes(text('é'.repeat(32_769)), 4096)
  }).toThrow(/65538 bytes/)
  // Whatever a stranger can fill counts: tools, schemas, calls of old.
  const long = 'x'.repeat(40_000)
  const call = { id: 'c', name: 'f', arguments: long }
  const message = { role: 'assistant' as const, content: '', calls: [call] }
  const tool = { name: 'f', description: null, parameters: long, rules: '' }
  expect(() => {
    checkInputBytes({ kind: 'chat', messages: [message], tools: [tool], thinking: 'off' }, 4096)
  }).toThrow(/80002 bytes/)
  expect(() => {
    checkPromptTokens(4096, 4096)
  }).toThrow('the prompt has 4096 tokens, the context holds 4096')
  checkPromptTokens(4095, 4096)
})

test('the command line: a model by name, nothing unknown, no path in a name', () => {
  expect(
    parseArguments(['--state', '/s', '--model', 'm1', '--set', 'a=1', '--set', 'b=2']),
  ).toEqual({
    state: '/s',
    config: undefined,
    sets: ['a=1', 'b=2'],
    model: 'm1',
    isTrial: false,
    folder: undefined,
  })
  for (const args of [[], ['--model', '../x'], ['--model', 'm', '--nope'], ['m']]) {
    expect(() => parseArguments(args)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }))
  }
})

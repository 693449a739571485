import { expect, test } from 'vitest'
import { parseArguments } from '../../src/engine/arguments.ts'
import { plainChat } from '../../src/engine/prompt/conversation.ts'
import { checkPromptTokens, checkTextBytes } from '../../src/engine/prompt-bounds.ts'
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
  const messages = [{ role: 'user' as const, content: 'x'.repeat(70_000) }]
  expect(() => {
    checkTextBytes(plainChat(messages), 4096)
  }).toThrow(/70000 bytes.*4375 tokens.*4096/)
  checkTextBytes(plainChat([{ role: 'user', content: 'é'.repeat(32_768) }]), 4096)
  expect(() => {
    checkTextBytes(plainChat([{ role: 'user', content: 'é'.repeat(32_769) }]), 4096)
  }).toThrow(/65538 bytes/)
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

import { describe, expect, test } from 'vitest'
import { loadConfig, sealedNames, servedModel, servedModels } from '../../src/config/load.ts'

const configOf = (models: object) =>
  loadConfig({
    state: '/s',
    sets: [`models=${JSON.stringify(models)}`, 'model=one'],
    env: {},
  }).config

describe('adapters', () => {
  test('each pair is a model of its own, with the limits of its base, on demand', () => {
    const config = configOf({
      one: { adapters: ['poet', 'lawyer'], slots: 3 },
      two: { adapters: ['poet'], load: 'start' },
    })
    const served = servedModels(config)
    expect(served.map(({ name, load }) => `${name} ${load}`)).toEqual([
      ...['one start', 'one:poet demand', 'one:lawyer demand'],
      ...['two start', 'two:poet start'],
    ])
    expect(served[1]).toMatchObject({ base: 'one', adapter: 'poet', slots: 3 })
    expect(sealedNames(served)).toEqual(['one', 'poet', 'lawyer', 'two'])
    expect(servedModel(config, 'one', 'not-served').name).toBe('one:not-served')
  })

  const nine = Array.from({ length: 9 }, (_, at) => `a${at}`)
  test.each<[string, object, string]>([
    ['twice', { one: { adapters: ['poet', 'poet'] } }, 'models.one.adapters: an adapter twice'],
    ['with a colon', { one: { adapters: ['one:poet'] } }, 'models.one.adapters.0'],
    ['that climbs', { one: { adapters: ['../poet'] } }, 'models.one.adapters.0'],
    ['that is a model', { one: { adapters: ['two'] }, two: {} }, 'two is served as a model'],
    ['that is the default model', { two: { adapters: ['one'] } }, 'one is served as a model'],
    ['of an embedding model', { one: { kind: 'embedding', adapters: ['poet'] } }, 'no adapters'],
    ['beyond eight', { one: { adapters: nine } }, 'models.one.adapters'],
    [
      'beyond the models there may be',
      Object.fromEntries(nine.slice(0, 4).map((name) => [name, { adapters: eightOf(name) }])),
      'more than 32 models',
    ],
    ['of a base with a colon', { 'one:poet': {} }, 'models.one:poet'],
  ])('%s: refused', (_, models, says) => {
    expect(() => configOf(models)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(says) as string,
      }),
    )
  })
})

function eightOf(name: string): string[] {
  return Array.from({ length: 8 }, (_, at) => `${name}-${at}`)
}

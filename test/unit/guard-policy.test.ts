/** Profiles: the tables, what the operator puts over them, and how much of it a mode lets happen. */
import { describe, expect, test } from 'vitest'
import { GUARD_WORDS } from '../../src/config/guard.ts'
import { Config } from '../../src/config/schema.ts'
import {
  INPUT_ACTIONS,
  INPUT_CLASSES,
  OUTPUT_ACTIONS,
  OUTPUT_CLASSES,
  PERSONAL,
} from '../../src/guard/classes.ts'
import {
  CLIENT_SYSTEMS,
  DOCUMENT_MARKS,
  INPUT_RULES,
  MANNERS,
  MODES,
  OUTPUT_RULES,
  OWN_DATA,
  PROFILE_NAMES,
} from '../../src/guard/profiles.ts'
import { compileProfiles } from '../../src/guard/compiled.ts'
import { profileNames, profileOf } from '../../src/guard/policy.ts'
import { compileOutput, type OutputSettings } from '../../src/guard/output/redactor.ts'
import { answer } from './guard-policies.ts'

const settings = (guard: object = {}) => Config.parse({ guard }).guard
const profile = (over: object, mode?: string) =>
  profileOf('own', settings({ profiles: { own: { ...over, mode } } }))

test('the configuration has the words of the guard, in its order', () => {
  expect(GUARD_WORDS).toEqual({
    profiles: PROFILE_NAMES,
    modes: MODES,
    documents: DOCUMENT_MARKS,
    clientSystem: CLIENT_SYSTEMS,
    ownPersonalData: OWN_DATA,
    inputClasses: Object.keys(INPUT_CLASSES),
    inputActions: INPUT_ACTIONS,
    outputClasses: Object.keys(OUTPUT_CLASSES),
    outputActions: OUTPUT_ACTIONS,
  })
})

test('every row has its reason', () => {
  for (const { reason } of [OUTPUT_RULES, INPUT_RULES, MANNERS].flatMap((table) =>
    Object.values<{ reason: string }>(table),
  )) {
    expect(reason.length).toBeGreaterThan(15)
  }
})

describe('strict', () => {
  const strict = profileOf('strict', settings())

  test('is what a new client gets', () => {
    expect(settings().profile).toBe('strict')
    expect(strict.mode).toBe('enforce')
  })

  test('masks secrets, the prompt and personal data', () => {
    const personal = PERSONAL.filter((name) => name !== 'name')
    for (const name of ['secret', 'known-secret', 'prompt-leak', ...personal] as const) {
      expect(strict.output.actions[name], name).toBe('mask')
    }
    expect(strict.output.ownPersonalData).toBe('guarded')
  })

  test('masks names for a profile that asks for it, and for no other', () => {
    expect(strict.output.actions.name).toBe('allow')
    const own = profile({ base: 'strict', output: { name: 'mask' } })
    const text = 'My name is Ada Lovelace, and Grace Hopper is here.'
    const masked = (output: OutputSettings) => answer(compileOutput(output), [text]).text
    expect(masked(own.output)).toBe('My name is [NAME], and Grace Hopper is here.')
    expect(masked(strict.output)).toBe(text)
  })

  test('refuses no prompt, and takes instructions out of documents', () => {
    const { actions, untrustedActions } = strict.input
    expect(Object.values(actions)).not.toContain('refuse')
    expect(Object.values(actions)).not.toContain('redact')
    expect(Object.values(untrustedActions)).not.toContain('refuse')
    expect(untrustedActions).toMatchObject({
      injection: 'redact',
      encoded: 'redact',
      turns: 'redact',
    })
    expect(strict.documents).toBe('delimit')
  })
})

test('coding returns what a client sent, and no secret', () => {
  const { output } = profileOf('coding', settings())
  expect(output.ownPersonalData).toBe('returned')
  expect(output.actions).toMatchObject({ secret: 'mask', 'known-secret': 'mask', email: 'mask' })
  expect(output.actions).toMatchObject({ html: 'allow', network: 'allow', crypto: 'allow' })
})

test('observe names everything and changes nothing', () => {
  const { input, output, documents } = profileOf('observe', settings())
  const { name, ...others } = output.actions
  for (const table of [input.actions, input.untrustedActions, others]) {
    expect(new Set(Object.values(table))).toEqual(new Set(['flag']))
  }
  // What is off in every profile is not looked for by one that shows what they do.
  expect(name).toBe('allow')
  expect(documents).toBe('plain')
})

describe('the operator’s own', () => {
  test('a base, and what is different', () => {
    const own = profile({
      base: 'coding',
      output: { email: 'partial' },
      input: { turns: 'refuse' },
    })
    expect(own.output.actions).toMatchObject({ email: 'partial', secret: 'mask', html: 'allow' })
    expect(own.input.actions).toMatchObject({ turns: 'refuse', injection: 'flag' })
    expect(own.output.ownPersonalData).toBe('returned')
  })

  test('lists and limits are every profile’s', () => {
    const lists = {
      denyList: ['nightingale'],
      patterns: [{ name: 'badge', pattern: 'B-[0-9]+' }],
      linkOrigins: ['https://example.org'],
    }
    const given = { ...settings({ ...lists, maxMessageChars: 7 }), secrets: ['hunter2hunter2'] }
    for (const name of profileNames(given)) {
      const { input, output } = profileOf(name, given)
      expect(output).toMatchObject({ ...lists, secrets: ['hunter2hunter2'] })
      expect(input.maxMessageChars).toBe(7)
    }
  })

  test.each(['lax', '', '__proto__', 'constructor'])('there is no profile "%s"', (name) => {
    expect(() => profileOf(name, settings())).toThrow(
      expect.objectContaining({ code: 'GUARD_SETTINGS' }),
    )
  })
})

describe('modes', () => {
  const all = {
    base: 'strict',
    input: { injection: 'refuse', turns: 'allow' },
    output: { secret: 'stop', email: 'mask', html: 'allow' },
    clientSystem: 'refuse',
  }

  test('off: nothing is looked for', () => {
    const { input, output, documents, clientSystem } = profile(all, 'off')
    const actions = [input.actions, input.untrustedActions, output.actions].flatMap((table) =>
      Object.values(table),
    )
    expect(new Set(actions)).toEqual(new Set(['allow']))
    expect([documents, clientSystem]).toEqual(['plain', 'allow'])
  })

  test('observe: everything is only named, but for what is not looked for', () => {
    const { input, output, clientSystem } = profile(all, 'observe')
    expect(input.actions).toMatchObject({ injection: 'flag', turns: 'allow' })
    expect(output.actions).toMatchObject({ secret: 'flag', email: 'flag', html: 'allow' })
    expect(clientSystem).toBe('allow')
  })

  test('flag: prompts are only named, no answer is stopped, masks hold', () => {
    const { input, output, clientSystem } = profile(all, 'flag')
    expect(input.actions.injection).toBe('flag')
    expect(output.actions).toMatchObject({ secret: 'mask', email: 'mask' })
    expect(clientSystem).toBe('refuse')
  })

  test('enforce: all of it', () => {
    const { input, output } = profile(all, 'enforce')
    expect(input.actions.injection).toBe('refuse')
    expect(output.actions.secret).toBe('stop')
  })
})

describe('all of them, compiled', () => {
  test('as a new installation has them', () => {
    expect([...compileProfiles(settings()).keys()]).toEqual([...PROFILE_NAMES])
  })

  test.each([
    ['patterns', { patterns: [{ name: 'badge', pattern: 'hush(' }] }],
    ['secrets', {}, ['?!?!?!?!']],
  ])(
    'what cannot be compiled of %s is named, and not repeated',
    (place, guard, secrets: string[] = []) => {
      let found: unknown
      try {
        compileProfiles({ ...settings(guard), secrets })
      } catch (thrown) {
        found = thrown
      }
      expect(found).toMatchObject({ code: 'GUARD_SETTINGS' })
      expect(String(found)).toContain(place)
      expect(String(found)).not.toMatch(/hush|\?!/)
    },
  )
})

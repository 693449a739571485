import { describe, expect, test } from 'vitest'
import { parseDescriptors } from '../../src/sandbox/descriptors.ts'
import { busPaths, parseLaunch, placesFor } from '../../src/sandbox/launch-plan.ts'
import { environmentFor, FLAGS, flagsFor, VARIABLES } from '../../src/sandbox/launch-tables.ts'

describe('the launcher’s arguments', () => {
  test('paths come from the main’s own arguments', () => {
    const args = ['engine', '--with-parent', '--', '--state', '/s', '--set', 'a=b', '--model', 'm1']
    expect(parseLaunch(args)).toMatchObject({
      role: 'engine',
      statePath: '/s',
      configPath: '/s/config.json',
      modelFolders: ['/s/models/m1'],
      withParent: true,
      mainArguments: args.slice(3),
    })
  })

  test('a trial load has a folder of its own; the name does not count then', () => {
    const args = ['engine', '--', '--state=/s', '--model', 'm1', '--trial', '--folder', '/s/x']
    expect(parseLaunch(args).modelFolders).toEqual(['/s/x'])
  })

  test('a name that climbs opens nothing', () => {
    for (const name of ['..', '../keys', 'a/b', '.staging', '']) {
      expect(parseLaunch(['engine', '--', '--state', '/s', '--model', name]).modelFolders).toEqual(
        [],
      )
    }
  })

  test('an engine with an adapter has both folders, and a name cannot climb', () => {
    const folders = (...args: string[]) =>
      parseLaunch(['engine', '--', '--state=/s', '--model', 'm1', ...args]).modelFolders
    expect(folders('--adapter', 'a1')).toEqual(['/s/models/m1', '/s/models/a1'])
    expect(folders('--adapter', '../../etc')).toEqual(['/s/models/m1'])
    const staged = ['--adapter', 'a1', '--adapter-folder', '/s/x']
    expect(folders(...staged)).toEqual(['/s/models/m1', '/s/x'])
  })

  test('the keeper gets the folders of its engines, and the gateway none', () => {
    const main = ['--state', '/s', '--engine', 'a=/m/a', '--engine', 'b=/m/b', '--model', 'c']
    expect(parseLaunch(['keeper', '--', ...main]).modelFolders).toEqual(['/m/a', '/m/b'])
    expect(parseLaunch(['gateway', '--', ...main]).modelFolders).toEqual([])
  })

  test('own options come first, and a value of --set is not a path', () => {
    const own = ['--state', '/own', '--config', '/c.json', '--model-folder', 'x=/x']
    const request = parseLaunch(['gateway', ...own, '--', '--set', '--state', '--state', '/main'])
    expect(request).toMatchObject({
      statePath: '/own',
      configPath: '/c.json',
      modelFolders: ['/x'],
    })
  })

  test('what it does not know, it refuses', () => {
    const wrong = [
      [],
      ['gateway'],
      ['--', '--state', '/s'],
      ['root', '--', '--state', '/s'],
      ['gateway', 'engine', '--', '--state', '/s'],
      ['gateway', '--'],
      ['gateway', '--connect', '=x', '--', '--state', '/s'],
      ['gateway', '--connect', 'x=', '--', '--state', '/s'],
      ['gateway', '--without', 'everything', '--', '--state', '/s'],
    ]
    for (const args of wrong) {
      expect(() => parseLaunch(args)).toThrow(expect.objectContaining({ code: 'SANDBOX_LAUNCH' }))
    }
  })

  test('the session bus is found in its address', () => {
    expect(busPaths('unix:path=/run/user/1000/bus')).toEqual(['/run/user/1000/bus'])
    expect(busPaths('unix:abstract=/tmp/x,guid=1;unix:guid=2,path=/b')).toEqual(['/b'])
    expect(busPaths('tcp:host=evil,path=/etc')).toEqual([])
    expect(busPaths(undefined)).toEqual([])
    const request = parseLaunch(['keeper', '--', '--state', '/s'])
    const { run, bus } = placesFor(request, { node: '/n', app: [] }, 'unix:path=/b')
    expect({ run, bus }).toEqual({ run: ['/s/run'], bus: ['/b'] })
  })
})

describe('environment and flags', () => {
  const shell = {
    PATH: '/bin',
    LD_PRELOAD: '/x.so',
    NODE_OPTIONS: '--inspect',
    SECURE_LLM_KEY: 'sk-local-x',
    HOME: '/home/me',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/b',
    LISTEN_FDS: '1',
  }

  test('only the keeper knows the user’s home and bus', () => {
    expect(environmentFor('keeper', shell)).toEqual({
      OPENSSL_CONF: '/dev/null',
      HOME: '/home/me',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/b',
      LISTEN_FDS: '1',
    })
    expect(environmentFor('gateway', shell)).toEqual({
      OPENSSL_CONF: '/dev/null',
      HOME: '/nonexistent',
      LISTEN_FDS: '1',
    })
  })

  test('engine and keeper have no JIT, the gateway has', () => {
    expect(flagsFor('engine')).toContain('--jitless')
    expect(flagsFor('keeper')).toContain('--jitless')
    expect(flagsFor('gateway')).not.toContain('--jitless')
  })

  test('each row has a reason', () => {
    for (const { reason } of [...FLAGS, ...VARIABLES]) expect(reason.length).toBeGreaterThan(8)
  })
})

describe('descriptors', () => {
  const parse = (environment: Record<string, string>) =>
    Object.fromEntries(parseDescriptors(environment, 77))

  test('systemd’s, from 3 on, and the launcher’s with their own numbers', () => {
    expect(parse({})).toEqual({})
    expect(parse({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'api:cli', LISTEN_PID: '77' })).toEqual({
      api: 3,
      cli: 4,
    })
    expect(
      parse({ LISTEN_FDS: '1', LISTEN_FDNAMES: 'engine', SECURE_LLM_CONNECTED: 'keeper:19' }),
    ).toEqual({ engine: 3, keeper: 19 })
  })

  test('those of another process are not ours', () => {
    expect(parse({ LISTEN_FDS: '1', LISTEN_FDNAMES: 'api', LISTEN_PID: '78' })).toEqual({})
  })

  test.each([
    { LISTEN_FDS: '-1' },
    { LISTEN_FDS: '1e3', LISTEN_FDNAMES: 'a' },
    { LISTEN_FDS: '01', LISTEN_FDNAMES: 'a' },
    { LISTEN_FDS: '999', LISTEN_FDNAMES: 'a' },
    { LISTEN_FDS: '2', LISTEN_FDNAMES: 'a' },
    { LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:a' },
    { LISTEN_FDS: '1', LISTEN_FDNAMES: '' },
    { LISTEN_FDS: '1', LISTEN_FDNAMES: '../x' },
    { LISTEN_FDS: '1' },
    { SECURE_LLM_CONNECTED: 'keeper' },
    { SECURE_LLM_CONNECTED: 'keeper:2' },
    { SECURE_LLM_CONNECTED: 'keeper:x' },
    { SECURE_LLM_CONNECTED: ':5' },
    { SECURE_LLM_CONNECTED: 'a:5,b:5' },
    { LISTEN_FDS: '1', LISTEN_FDNAMES: 'a', SECURE_LLM_CONNECTED: 'b:3' },
  ])('%j is refused', (environment) => {
    expect(() => parse(environment as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'SANDBOX_DESCRIPTORS' }),
    )
  })
})

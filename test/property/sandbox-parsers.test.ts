/** Whatever an environment, a command line or a kernel file says: an answer or a fault, no bug. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { parseDescriptors } from '../../src/sandbox/descriptors.ts'
import { parseLaunch } from '../../src/sandbox/launch-plan.ts'
import { parseMappings, reportOf } from '../../src/sandbox/memory-map.ts'

function faultOnly(act: () => unknown): void {
  try {
    act()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Fault)
  }
}

const word = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '0',
    '1',
    '2',
    'a',
    'a:b',
    'a:5',
    'a:5,b:6',
    'engine',
    '--',
    '--state',
    '/s',
    'x=y',
  ),
)

test('descriptors are distinct and never standard streams', () => {
  const environment = fc.record(
    { LISTEN_FDS: word, LISTEN_FDNAMES: word, SECURE_LLM_CONNECTED: word },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(environment, (variables) => {
      faultOnly(() => {
        const numbers = [...parseDescriptors(variables, 1).values()]
        expect(new Set(numbers).size).toBe(numbers.length)
        expect(Math.min(3, ...numbers)).toBe(3)
      })
    }),
  )
})

test('a launch has absolute paths, or is refused', () => {
  fc.assert(
    fc.property(fc.constantFrom('gateway', 'engine', 'keeper'), fc.array(word), (role, args) => {
      faultOnly(() => {
        const request = parseLaunch([role, '--', '--state', '/s', ...args])
        const paths = [request.statePath, request.configPath, ...request.modelFolders]
        for (const path of paths) expect(path.startsWith('/')).toBe(true)
      })
    }),
  )
})

test('any text for smaps gives a report', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant('1-2 rw-p 0 0 0')), {}), (lines) => {
      const report = reportOf(parseMappings(lines.join('\n')))
      expect(report.complete).toBe(report.unlocked.length === 0)
    }),
  )
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FRAME_PERMITS, type Rule } from '../../src/keeper/permits.ts'
import { encodeFrame } from '../../src/wire/codec.ts'
import { FRAMES, type FrameName } from '../../src/wire/frames.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/spec/wire.md'), 'utf8')

/** Cells of the table rows that begin with this cell. */
function rows(first: string): string[][] {
  return page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells[1] === first)
    .map((cells) => cells.slice(1, -1))
}

describe('docs/spec/wire.md', () => {
  test.each(Object.keys(FRAMES) as FrameName[])('has the row of %s', (name) => {
    const { number, from, to, maxBytes, body, reason } = FRAMES[name]
    const kind = body === 'bytes' ? 'bytes' : 'JSON'
    const row = [String(number), `${from} → ${to}`, String(maxBytes), kind, reason]
    expect(rows(`\`${name}\``)).toEqual([[`\`${name}\``, ...row]])
  })

  test('shows the bytes of a frame as they are', () => {
    const hex = /^ {4}((?:[0-9a-f]{2} +)+) {2,}10 bytes follow/m.exec(page)?.[1] ?? ''
    expect(
      hex
        .split(/ +/)
        .filter((byte) => byte !== '')
        .join(''),
    ).toBe(encodeFrame('job.cancel', { job: 7 }).toString('hex'))
  })

  test('has no row for a frame that is not there', () => {
    const named = page.matchAll(/^\| `([a-z.-]+)` +\| \d+ +\|/gm)
    expect([...named].map(([, name]) => name).sort()).toEqual(Object.keys(FRAMES).sort())
  })

  test.each(Object.entries(FRAME_PERMITS))('has the permits of %s', (kind, permits) => {
    const expected = Object.entries(permits).map(([name, { most, mostAtOnce }]) => [
      `\`${name}\``,
      most === null ? 'no limit' : most.toLocaleString('en'),
      mostAtOnce.toLocaleString('en'),
    ])
    expect(rows(kind).map((cells) => cells.slice(1, 4))).toEqual(expected)
  })

  test.each<Rule>([
    'malformed-frame',
    'too-many-frames',
    'too-many-at-once',
    'event-type',
    'event-model',
    'id-order',
    'folder-outside',
    'reads-too-slowly',
    'too-many-connections',
    'foreign-uid',
    'no-credentials',
  ])('explains the code %s', (rule) => {
    expect(rows(`\`${rule}\``)).toHaveLength(1)
  })
})

/** Files of the state folder that are not ours alone: refused before anything is read or written. */
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStateFolder } from '../../src/cli/state-folder.ts'
import { placeOnDisk } from '../../src/keeper/append-file.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

let folder: string
let state: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-safety-'))
  state = join(folder, 'state')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

interface Unsafe {
  readonly what: string
  readonly spoil: () => void
  readonly says: string
}

describe('the state folder', () => {
  const ROWS: Unsafe[] = [
    {
      what: 'open to the group',
      spoil: () => {
        chmodSync(state, 0o710)
      },
      says: 'has mode 710',
    },
    {
      what: 'with keys that everybody may list',
      spoil: () => {
        chmodSync(join(state, 'keys'), 0o704)
      },
      says: 'has mode 704',
    },
    {
      what: 'with models that are a link',
      spoil: () => {
        rmSync(join(state, 'models'), { recursive: true })
        mkdirSync(join(folder, 'elsewhere'), { mode: 0o700 })
        symlinkSync(join(folder, 'elsewhere'), join(state, 'models'))
      },
      says: 'is not a folder',
    },
  ]
  const foreign: Unsafe = {
    what: 'with an audit folder of somebody else',
    spoil: () => {
      chownSync(join(state, 'audit'), NOBODY, NOBODY)
    },
    says: `belongs to user ${NOBODY}`,
  }
  test.each(isRoot ? [...ROWS, foreign] : ROWS)('$what', ({ spoil, says }) => {
    // The control: made by us, it is taken, and taken again.
    openStateFolder(state)
    openStateFolder(state)
    spoil()
    expect(() => openStateFolder(state)).toThrow(
      expect.objectContaining({
        code: 'STATE_UNSAFE',
        message: expect.stringContaining(says) as string,
      }),
    )
  })
})

describe('the audit log', () => {
  const log = () => join(folder, 'audit.jsonl')
  const other = () => join(folder, 'other')
  const ROWS: Unsafe[] = [
    {
      what: 'a link to another file',
      spoil: () => {
        rmSync(log())
        symlinkSync(other(), log())
      },
      says: 'is a symbolic link',
    },
    {
      what: 'a second name of another file',
      spoil: () => {
        rmSync(log())
        linkSync(other(), log())
      },
      says: 'with one name',
    },
    {
      what: 'readable for others',
      spoil: () => {
        chmodSync(log(), 0o644)
      },
      says: 'mode 0644',
    },
  ]
  const foreign: Unsafe = {
    what: 'of somebody else',
    spoil: () => {
      chownSync(log(), NOBODY, NOBODY)
    },
    says: `owner ${NOBODY}`,
  }
  test.each(isRoot ? [...ROWS, foreign] : ROWS)('$what', async ({ spoil, says }) => {
    for (const path of [log(), other()]) writeFileSync(path, 'before\n', { mode: 0o600 })
    const file = await placeOnDisk(log()).open()
    await file.close()
    spoil()
    await expect(placeOnDisk(log()).open()).rejects.toMatchObject({
      code: 'STATE_UNSAFE',
      message: expect.stringContaining(says) as string,
    })
    expect(readFileSync(other(), 'utf8')).toBe('before\n')
  })

  test('a folder in its place', async () => {
    mkdirSync(log())
    await expect(placeOnDisk(log()).open()).rejects.toThrow()
  })
})

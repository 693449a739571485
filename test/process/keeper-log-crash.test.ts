/** The log's writer killed at each point by SIGKILL, and a real limit on the size of a file. */
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'

const CHILD = join(import.meta.dirname, '../fixtures/keeper-append-child.ts')
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-log-'))
  path = join(folder, 'audit.jsonl')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function run(point: string, at: number) {
  const { stdout, stderr, signal } = spawnSync(process.execPath, [CHILD, path, point, String(at)], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  const lines = stdout.split('\n').slice(0, -1)
  const kept = lines.filter((line) => line.startsWith('kept ')).map((line) => Number(line.slice(5)))
  return { lines, kept, stderr, signal }
}

const types = () =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { type: string }).type)

test.each([
  { point: 'before-write', at: 7 },
  { point: 'half-write', at: 1 },
  { point: 'half-write', at: 9 },
  { point: 'after-write', at: 8 },
  // The first fsync is the one at opening.
  { point: 'after-sync', at: 1 },
  { point: 'after-sync', at: 6 },
])('killed at $point number $at: nothing acknowledged is lost', async ({ point, at }) => {
  const first = run(point, at)
  expect(first.signal, first.stderr).toBe('SIGKILL')
  const left = await verifyLog(createReadStream(path))
  expect(left.ok).toBe(true)
  expect(left.tornLastLineBytes > 0).toBe(point === 'half-write')
  expect(first.kept).toEqual(first.kept.map((_, seq) => seq))
  expect(left.records).toBeGreaterThanOrEqual(first.kept.length)

  const second = run('none', 0)
  expect(second.lines.at(-1), second.stderr).toBe('done')
  const whole = await verifyLog(createReadStream(path))
  expect(whole).toMatchObject({ ok: true, tornLastLineBytes: 0 })
  const recovered = types().filter((type) => type === 'audit.recovered')
  expect(recovered).toHaveLength(left.tornLastLineBytes > 0 ? 1 : 0)
  expect(second.kept[0]).toBe(left.records + recovered.length)
})

test.each(['before-truncate', 'after-truncate'])('killed in recovery, %s', async (point) => {
  expect(run('half-write', 3).signal).toBe('SIGKILL')
  const left = await verifyLog(createReadStream(path))
  expect(run(point, 1).signal).toBe('SIGKILL')
  expect(run('none', 0).lines.at(-1)).toBe('done')
  const whole = await verifyLog(createReadStream(path))
  expect(whole).toMatchObject({ ok: true, tornLastLineBytes: 0 })
  expect(whole.records).toBeGreaterThan(left.records)
})

test('a file that may not grow (EFBIG in mid line): refused, then back without a restart', async () => {
  const { lines, stderr } = run('limit', 700)
  expect(lines, stderr).toEqual([
    'kept 0',
    'kept 1',
    'refused AUDIT_UNAVAILABLE down',
    'refused AUDIT_UNAVAILABLE down',
    'kept 3',
    'up',
  ])
  expect(types()[2]).toBe('audit.resumed')
  expect(await verifyLog(createReadStream(path))).toMatchObject({ ok: true, records: 4 })
})

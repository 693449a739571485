/**
 * A whole keeper whose log cannot grow: requests refused, health told, back without a restart.
 *
 * Everybody: by a limit on the size of files (prlimit of util-linux). Root besides: a real ENOSPC
 * on a small tmpfs under the audit folder.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  WirePeer,
  type KeeperState,
} from '../fixtures/keeper-process.ts'

interface Shortage {
  readonly name: string
  readonly code: string
  readonly prepare: (state: KeeperState) => void
  readonly fill: (state: KeeperState, pid: number) => void
  readonly free: (state: KeeperState, pid: number) => void
  readonly undo: (state: KeeperState) => void
}

const audit = (state: KeeperState) => join(state.path, 'audit')
const limit = (pid: number, bytes: string) =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

const LIMIT: Shortage = {
  name: 'RLIMIT_FSIZE',
  code: 'EFBIG',
  prepare: () => undefined,
  fill: (_, pid) => limit(pid, '30000'),
  free: (_, pid) => limit(pid, 'unlimited'),
  undo: () => undefined,
}

const TMPFS: Shortage = {
  name: 'tmpfs of 64 KiB',
  code: 'ENOSPC',
  prepare: (state) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'none', audit(state)]),
  fill: (state) => {
    const { bavail, bsize } = statfsSync(audit(state))
    writeFileSync(join(audit(state), 'filler'), Buffer.alloc((bavail - 2) * bsize))
  },
  free: (state) => {
    rmSync(join(audit(state), 'filler'))
  },
  undo: (state) => execFileSync('umount', [audit(state)]),
}

const shortages = process.getuid?.() === 0 ? [LIMIT, TMPFS] : [LIMIT]

test.each(shortages)('$name', async ({ code, prepare, fill, free, undo }) => {
  const state = await makeKeeperState([])
  prepare(state)
  let keeper: RunningKeeper | undefined
  try {
    keeper = await new RunningKeeper(state, { sets: ['keys.store=file'] }).ready()
    const gateway = new WirePeer(state, 'gateway')
    expect(await gateway.hear('keeper.ready')).toMatchObject({ auditHealthy: true })
    fill(state, keeper.child.pid!)
    const kept = await appendUntilRefused(gateway)
    const cli = new WirePeer(state, 'cli').say('keeper.ask', {})
    expect(await cli.hear('keeper.state')).toMatchObject({ auditHealthy: false })
    cli.say('cli.event', { event: { type: 'client.added' } })
    expect(await cli.hear('keeper.refuse')).toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    free(state, keeper.child.pid!)
    // By the timer: nothing is asked.
    expect(await gateway.hear('keeper.ready')).toMatchObject({ auditHealthy: true })
    cli.say('cli.event', { event: { type: 'client.added' } })
    const { seq } = await cli.hear('cli.event-kept')
    expect(await keeper.stop()).toBe(0)
    const records = auditRecords(state)
    expect(records[seq]).toMatchObject({ type: 'client.added', seq })
    expect(records.find(({ type }) => type === 'audit.resumed')?.codes).toEqual([code])
    for (const kept_ of kept) expect(records[kept_]?.type).toBe('request.accepted')
    const log = createReadStream(join(audit(state), 'audit.jsonl'))
    expect(await verifyLog(log)).toMatchObject({ ok: true, tornLastLineBytes: 0 })
  } finally {
    if (keeper?.child.exitCode === null) await keeper.kill()
    undo(state)
    state.remove()
  }
})

/** @returns The acknowledged seqs; the gateway has then heard that the log is unhealthy. */
async function appendUntilRefused(gateway: WirePeer): Promise<number[]> {
  const kept: number[] = []
  for (let id = 1; id < 1000; id++) {
    gateway.say('audit.append', { id, event: { type: 'request.accepted' } })
    while (gateway.frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    if (gateway.frames[0]?.name === 'audit.kept') {
      kept.push((await gateway.hear('audit.kept')).seq)
      continue
    }
    // Health first, then the answer.
    expect(await gateway.hear('keeper.ready')).toMatchObject({ auditHealthy: false })
    expect(await gateway.hear('audit.refused')).toMatchObject({ id, code: 'AUDIT_UNAVAILABLE' })
    return kept
  }
  throw new Error('the disk never got full')
}

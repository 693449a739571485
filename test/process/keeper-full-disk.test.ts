/**
 * A whole keeper whose log cannot grow: requests refused, health told, back without a restart.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  WirePeer,
} from '../fixtures/keeper-process.ts'
import { shortages } from '../fixtures/keeper-shortage.ts'

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
    const log = createReadStream(join(state.path, 'audit/audit.jsonl'))
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

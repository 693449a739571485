/**
 * A real gateway and a real keeper while the audit log cannot grow: every request is refused, health
 * says why, and both go on by themselves over the connection they have.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { verifyLog } from '../../src/audit/verify.ts'
import { auditRecords, makeKeeperState, RunningKeeper } from '../fixtures/keeper-process.ts'
import { shortages } from '../fixtures/keeper-shortage.ts'
import { chat, errorCode, startGatewayIn, type BareGateway } from '../process/gateway-process.ts'

async function readiness(gateway: BareGateway): Promise<unknown> {
  const response = await fetch(`${gateway.url}/readyz`)
  return { status: response.status, ...((await response.json()) as object) }
}

const GOOD = { status: 200, ready: true, audit: 'ok' }
const REFUSING = { status: 503, ready: false, audit: 'refusing', engine: 'ready' }
const idOf = (response: Response) => response.headers.get('x-request-id')!

/** Asks until the log is full. @returns The ids of the requests that were answered. */
async function askUntilRefused(gateway: BareGateway): Promise<string[]> {
  const answered: string[] = []
  for (let n = 0; n < 1000; n++) {
    const response = await gateway.post(chat({ stream: n % 2 === 0 }))
    if (response.status !== 200) {
      expect([response.status, await errorCode(response)]).toEqual([503, 'audit_unavailable'])
      expect(response.headers.get('retry-after')).toBe('2')
      return answered
    }
    await response.text()
    answered.push(idOf(response))
  }
  throw new Error('the disk never got full')
}

test.each(shortages)('$name', async ({ code, prepare, fill, free, undo }) => {
  const state = await makeKeeperState([])
  prepare(state)
  let keeper: RunningKeeper | undefined
  let gateway: BareGateway | undefined
  try {
    keeper = await new RunningKeeper(state, { sets: ['keys.store=file'] }).ready()
    gateway = await startGatewayIn(state.path, { sets: ['gateway.requestsPerMinute=100000'] })
    const { engine, logs } = gateway
    await expect.poll(() => readiness(gateway!)).toMatchObject(GOOD)
    const stranger = { headers: { authorization: `Bearer ${'S'.repeat(40)}` } }
    const refused = await gateway.post(chat(), stranger)
    expect(refused.status).toBe(401)
    fill(state, keeper.child.pid!)
    const answered = await askUntilRefused(gateway)
    expect(await readiness(gateway)).toMatchObject(REFUSING)
    const started = engine.starts.length
    // Longer than the gateway's and the keeper's own tries.
    for (let n = 0; n < 3; n++) {
      const response = await gateway.post(chat())
      expect([response.status, await errorCode(response)]).toEqual([503, 'audit_unavailable'])
      expect(await readiness(gateway)).toMatchObject(REFUSING)
      await sleep(900)
    }
    expect(engine.starts.length).toBe(started)
    free(state, keeper.child.pid!)
    // By the keeper's timer: nothing is asked of it.
    await expect.poll(() => readiness(gateway!), { timeout: 10_000 }).toMatchObject(GOOD)
    const after = await gateway.post(chat())
    expect(after.status).toBe(200)
    answered.push(idOf(after))
    const said = (words: string) => logs().split(`"msg":"${words}"`).length - 1
    expect(said('the keeper is there')).toBe(1)
    expect(said('the keeper was lost')).toBe(0)
    expect([said('the record cannot be written'), said('the record is written again')]).toEqual([
      1, 1,
    ])
    const completed = () => auditRecords(state).filter(({ type }) => type === 'request.completed')
    await expect.poll(() => completed().map(({ request }) => request)).toContain(idOf(after))
    expect(await keeper.stop()).toBe(0)
    const records = auditRecords(state)
    for (const type of ['request.accepted', 'request.completed']) {
      const kept = records.filter((record) => record.type === type).map(({ request }) => request)
      expect(kept).toEqual(expect.arrayContaining(answered))
    }
    expect(records.filter(({ type }) => type === 'client.refused')).toMatchObject([
      { actor: 'gateway', codes: ['invalid_api_key'], request: idOf(refused) },
    ])
    expect(JSON.stringify(records) + logs()).not.toContain('SSSS')
    const resumed = records.filter(({ type }) => type === 'audit.resumed')
    expect(resumed.find(({ actor }) => actor === 'keeper')?.codes).toEqual([code])
    const log = createReadStream(join(state.path, 'audit/audit.jsonl'))
    expect(await verifyLog(log)).toMatchObject({ ok: true, tornLastLineBytes: 0 })
  } finally {
    await gateway?.close()
    if (keeper?.child.exitCode === null) await keeper.kill()
    undo(state)
    state.remove()
  }
})

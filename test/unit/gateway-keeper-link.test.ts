import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../src/errors.ts'
import { KeeperLink } from '../../src/gateway/keeper-link.ts'
import { encodeFrame } from '../../src/wire/codec.ts'
import { StandInKeeper } from '../process/gateway-stand-ins.ts'

const FAST = { firstMs: 1, maxMs: 5, goodLifeMs: 60_000 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-keeper-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('the keeper link', () => {
  let keeper: StandInKeeper
  let link: KeeperLink
  let losses: (Fault | undefined)[]
  let healths: boolean[]

  beforeEach(async () => {
    const path = join(folder, 'k.sock')
    keeper = new StandInKeeper(path)
    losses = []
    healths = []
    link = new KeeperLink({
      path,
      timing: FAST,
      ackTimeoutMs: 50,
      retryMs: 20,
      onHealth: (auditHealthy) => healths.push(auditHealthy),
      onLost: (refused) => losses.push(refused),
    })
    expect(link.state).toBe('away')
    link.open()
    await expect.poll(() => link.state).toBe('ok')
  })
  afterEach(async () => {
    await link.close(0)
    await keeper.close()
  })

  test('an append resolves when it is kept', async () => {
    await link.append({ type: 'request.accepted' })
    expect(keeper.types()).toEqual(['request.accepted'])
  })

  test('a refused append is a fault; the state says so, and mends itself', async () => {
    keeper.mode = 'refuse'
    await expect(link.append({ type: 'request.accepted' })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    })
    expect(link.state).toBe('refusing')
    link.record({ type: 'request.completed' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect([link.state, keeper.types()]).toEqual(['refusing', []])
    keeper.mode = 'keep'
    await expect.poll(() => link.state).toBe('ok')
    await expect.poll(() => keeper.types()).toContain('request.completed')
    expect(keeper.types().filter((type) => type === 'request.completed')).toHaveLength(1)
  })

  const ready = (auditHealthy: boolean) =>
    encodeFrame('keeper.ready', { store: 'file', auditHealthy, layers: [] })

  test('health that changes is an update: refused at once, taken again at once, one connection', async () => {
    keeper.mode = 'refuse'
    keeper.sendRaw(ready(false))
    await expect.poll(() => link.state).toBe('refusing')
    expect(healths).toEqual([false])
    link.record({ type: 'request.completed' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect([link.state, keeper.types()]).toEqual(['refusing', []])
    keeper.mode = 'keep'
    keeper.sendRaw(ready(true))
    await expect.poll(() => link.state).toBe('ok')
    await expect.poll(() => keeper.types()).toContain('request.completed')
    await link.append({ type: 'request.accepted' })
    expect(keeper.types().filter((type) => type === 'request.completed')).toHaveLength(1)
    expect([losses, keeper.connections, healths]).toEqual([[], 1, [false, true]])
  })

  test('a keeper that says the same again changes nothing', async () => {
    keeper.sendRaw(Buffer.concat([ready(true), ready(true)]))
    await link.append({ type: 'request.accepted' })
    expect([link.state, losses, healths, keeper.connections]).toEqual(['ok', [], [], 1])
  })

  test('with nothing to say it says that the record is back', async () => {
    keeper.mode = 'refuse'
    await expect(link.append({ type: 'request.accepted' })).rejects.toThrow()
    keeper.mode = 'keep'
    await expect.poll(() => keeper.types()).toEqual(['audit.resumed'])
  })

  test('a keeper that does not answer in time is a fault, and its late answer no harm', async () => {
    keeper.mode = 'silent'
    await expect(link.append({ type: 'request.accepted' })).rejects.toThrow('in time')
    keeper.sendRaw(encodeFrame('audit.kept', { id: 1, seq: 1 }))
    keeper.mode = 'keep'
    await link.append({ type: 'request.accepted' })
    expect(losses).toEqual([])
  })

  test('a keeper that dies fails the append; what is only recorded is said again', async () => {
    keeper.mode = 'silent'
    const append = link.append({ type: 'request.accepted' })
    link.record({ type: 'request.completed' })
    keeper.die()
    await expect(append).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(link.state).toBe('away')
    await expect(link.append({ type: 'request.accepted' })).rejects.toMatchObject({
      code: 'KEEPER_UNAVAILABLE',
    })
    keeper.mode = 'keep'
    await expect.poll(() => keeper.types()).toEqual(['request.completed'])
  })

  test('its end waits for what is not answered, up to a bound', async () => {
    link.record({ type: 'gateway.stopped' })
    await link.close(1000)
    expect(keeper.types()).toEqual(['gateway.stopped'])
  })

  test.each([
    ['an answer to nothing', encodeFrame('audit.kept', { id: 77, seq: 1 })],
    ['a frame for another peer', Buffer.from([0, 0, 0, 3, 17, 1, 2])],
  ])('%s closes the connection', async (_what, bytes) => {
    keeper.sendRaw(bytes)
    await expect.poll(() => losses.length).toBe(1)
    expect(losses[0]).toMatchObject({ code: 'WIRE_BROKEN' })
  })
})

/** A gateway process on a Unix socket: readers that stall, a full house, and the way it ends. */
import { connect } from 'node:net'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { chat, KEY, startGatewayProcess, type GatewayProcess } from './gateway-process.ts'

let gateway: GatewayProcess
afterEach(async () => {
  await gateway.close()
})

function post(body: object, host = 'localhost'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath: gateway.socketPath,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {
        host,
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
      },
    })
    sent.once('response', resolve).once('error', reject)
    sent.end(JSON.stringify(body))
  })
}

test('on a Unix socket the Host is still checked', async () => {
  gateway = await startGatewayProcess({ listen: 'unix' })
  expect((await post(chat())).statusCode).toBe(200)
  expect((await post(chat(), 'localhost:1234')).statusCode).toBe(200)
  expect((await post(chat(), 'evil.example')).statusCode).toBe(403)
})

test('a client that stops reading is given up, and nobody else waits for it', async () => {
  gateway = await startGatewayProcess({ listen: 'unix', sets: ['gateway.idleTimeoutMs=1000'] })
  const honest = gateway.engine.onStart
  gateway.engine.onStart = ({ connection }, { job }) => {
    connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    for (let i = 0; i < 100; i++) {
      const chars = Array.from({ length: 40 }, () => 250)
      connection.send('job.text', {
        job,
        choice: 0,
        part: 'answer',
        chances: [],
        text: 'x'.repeat(10_000),
        chars,
      })
    }
  }
  const stalled = await post(chat({ stream: true }))
  stalled.pause().on('error', () => undefined)
  gateway.engine.onStart = honest
  expect((await post(chat())).statusCode).toBe(200)
  await expect.poll(() => gateway.engine.cancels, { timeout: 5000 }).toEqual([1])
  await expect
    .poll(() => gateway.keeper.events.map((event) => event.codes))
    .toContainEqual(['finish.cancelled', 'cancelled.slow-client'])
  // Its connection was ended, in the middle of the answer.
  await expect(text(stalled)).rejects.toThrow()
})

test('with overflow "wait" a client that hangs up leaves the line', async () => {
  gateway = await startGatewayProcess({
    listen: 'unix',
    sets: ['gateway.maxJobs=1', 'gateway.overflow=wait', 'gateway.waitMs=5000'],
  })
  const answers: (() => void)[] = []
  gateway.engine.onStart = (peer, { job }) => {
    answers.push(() => {
      peer.answer(job, ['x'])
    })
  }
  const first = post(chat())
  await expect.poll(() => answers.length).toBe(1)
  const impatient = connect(gateway.socketPath)
  const json = JSON.stringify(chat())
  impatient.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEY}\r\n` +
      `content-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`,
  )
  await sleep(100)
  impatient.destroy()
  const third = post(chat())
  await sleep(100)
  answers[0]!()
  expect((await first).statusCode).toBe(200)
  await expect.poll(() => answers.length).toBe(2)
  answers[1]!()
  expect((await third).statusCode).toBe(200)
  expect(gateway.engine.starts).toHaveLength(2)
})

test('SIGTERM: what runs is finished, nothing new is taken, and it ends with 0', async () => {
  gateway = await startGatewayProcess({ listen: 'unix' })
  let finish: () => void = () => undefined
  gateway.engine.onStart = (peer, { job }) => {
    peer.connection.send('job.started', { job, promptTokens: 4, cachedTokens: 0 })
    peer.connection.send('job.text', {
      job,
      choice: 0,
      part: 'answer',
      chances: [],
      text: 'a beginning and ',
      chars: [16],
    })
    finish = () => {
      peer.connection.send('job.text', {
        job,
        choice: 0,
        part: 'answer',
        chances: [],
        text: 'an end.',
        chars: [7],
      })
      const counts = { promptTokens: 4, cachedTokens: 0, completionTokens: 2 }
      peer.connection.send('job.done', {
        job,
        choices: [{ finish: 'stop', stop: null }],
        ...counts,
        prefillMs: 1,
        decodeMs: 1,
      })
    }
  }
  const running = await post(chat({ stream: true }))
  gateway.child.kill('SIGTERM')
  await expect.poll(() => gateway.logs()).toContain('"stopping"')
  await sleep(100)
  await expect(post(chat())).rejects.toThrow(/ECONNREFUSED|ENOENT/)
  finish()
  expect(await text(running)).toMatch(/end\.[^]*data: \[DONE\]\n\n$/)
  expect(await gateway.exited).toBe(0)
  expect(gateway.keeper.types()).toEqual([
    'gateway.started',
    'request.accepted',
    'request.completed',
    'gateway.stopped',
  ])
})

test('SIGINT with nothing running ends at once', async () => {
  gateway = await startGatewayProcess()
  const idle = await gateway.post(chat())
  await idle.text()
  const startedMs = performance.now()
  gateway.child.kill('SIGINT')
  expect(await gateway.exited).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

test('without its socket it says so in one line and is not started again', async () => {
  await expect(startGatewayProcess({ listen: 'none' })).rejects.toThrow(
    /"code":"SANDBOX_DESCRIPTORS"[^]*"exit":78/,
  )
  gateway = await startGatewayProcess()
})

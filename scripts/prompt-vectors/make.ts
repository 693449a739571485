/**
 * Makes `test/vectors/prompt/*.json`: asks a running llama-server for the ids of each conversation.
 *
 *     llama-server -m SmolLM2-135M-Instruct.Q4_1.gguf --jinja --port 18099
 *     node scripts/prompt-vectors/make.ts http://127.0.0.1:18099 | tee test/vectors/prompt/smollm2-135m.json
 *
 * @packageDocumentation
 */
import { CONVERSATIONS } from './conversations.ts'

async function ask(server: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(new URL(path, server), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return await response.json()
}

function fieldOf(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
}

const [server = 'http://127.0.0.1:18099'] = process.argv.slice(2)
const vectors: string[] = []
for (const { name, messages } of CONVERSATIONS) {
  const prompt = fieldOf(await ask(server, '/apply-template', { messages }), 'prompt')
  const request = { content: prompt, add_special: true, parse_special: true }
  const ids = fieldOf(await ask(server, '/tokenize', request), 'tokens')
  vectors.push(JSON.stringify({ name, messages, ids }))
}
const source =
  'llama-server of llama.cpp 0.6.0, /apply-template then /tokenize with add_special and parse_special'
console.log(`{"source":${JSON.stringify(source)},"vectors":[\n${vectors.join(',\n')}\n]}`)

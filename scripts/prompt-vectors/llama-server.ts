/**
 * A llama-server on a free loopback port, for as long as it is asked.
 *
 * @packageDocumentation
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatInput, Message } from '../../src/engine/prompt/conversation.ts'

export interface ServerFiles {
  /** The binary; its libraries lie beside it. */
  readonly server: string
  readonly model: string
  /** Instead of the model's own template. */
  readonly template: string | null
  /** A LoRA adapter that is applied. */
  readonly adapter?: string
}

const START_MS = 60_000

export class LlamaServer implements AsyncDisposable {
  readonly #url: string
  readonly #child: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.#url = url
    this.#child = child
  }

  /** @throws Error when it is not ready in a minute, as with a template it does not take. */
  static async start({ server, model, template, adapter }: ServerFiles): Promise<LlamaServer> {
    const port = await freePort()
    const chosen = [
      ...(template === null ? [] : ['--chat-template-file', template]),
      ...(adapter === undefined ? [] : ['--lora', adapter]),
    ]
    const fixed = ['--jinja', '--host', '127.0.0.1', '--no-warmup', '-t', '1', '-c', '256']
    const child = spawn(server, ['-m', model, '--port', String(port), ...fixed, ...chosen], {
      env: { LD_LIBRARY_PATH: dirname(server), HOME: '/none' },
      stdio: 'ignore',
    })
    const started = new LlamaServer(`http://127.0.0.1:${port}`, child)
    await started.#ready()
    return started
  }

  async #ready(): Promise<void> {
    for (let waited = 0; waited < START_MS; waited += 100) {
      if (this.#child.exitCode !== null) throw new Error('llama-server did not start')
      const response = await fetch(`${this.#url}/health`).catch(() => null)
      if (response?.ok === true) return
      await sleep(100)
    }
    this.#child.kill('SIGKILL')
    throw new Error('llama-server is not ready')
  }

  /** The prompt's text, or null when the template refuses the messages. */
  async prompt(input: ChatInput): Promise<string | null> {
    const found = fieldOf(await this.#ask('/apply-template', requestText(input)), 'prompt')
    return typeof found === 'string' ? found : null
  }

  async tokens(text: string): Promise<readonly number[]> {
    const request = { content: text, add_special: true, parse_special: true }
    const found = fieldOf(await this.#ask('/tokenize', JSON.stringify(request)), 'tokens')
    return Array.isArray(found) ? found.map(Number) : []
  }

  /** How it goes on with a text, always with the likeliest token. */
  async complete(prompt: string, tokens: number): Promise<string> {
    const request = { prompt, n_predict: tokens, temperature: 0, cache_prompt: false }
    return String(fieldOf(await this.#ask('/completion', JSON.stringify(request)), 'content'))
  }

  async #ask(path: string, body: string): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    return response.ok ? await response.json() : null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

/**
 * As a client of the OpenAI API writes it. A schema's text goes in as it is: JavaScript would sort
 * its keys and round its numbers.
 */
function requestText({ messages, tools, thinking }: ChatInput): string {
  const request = {
    messages: messages.map(messageOf),
    ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
    ...(thinking === 'off' ? { chat_template_kwargs: { enable_thinking: false } } : {}),
  }
  return JSON.stringify(request).replace(
    /"schema (\d+)"/g,
    (_, index: string) => tools[Number(index)]?.parameters ?? '',
  )
}

function messageOf({ role, content, calls = [], callId }: Message): object {
  return {
    role,
    content,
    ...(callId === undefined ? {} : { tool_call_id: callId }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
  }
}

function toolOf({ name, description }: ChatInput['tools'][number], index: number): object {
  return { type: 'function', function: { name, description, parameters: `schema ${index}` } }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function fieldOf(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
}

/**
 * A client of any OpenAI-compatible server that takes times: no SDK, so that only the server counts.
 */
export interface Server {
  readonly url: string
  readonly key: string
  readonly model: string
}

export interface Timing {
  readonly firstTokenMs: number
  readonly promptTokens: number
  readonly tokens: number
  /** From the first text to the last. */
  readonly decodeMs: number
  readonly longestGapMs: number
}

export interface Ask {
  readonly content: string
  readonly maxTokens: number
  readonly signal?: AbortSignal
  readonly onText?: () => void
}

interface Chunk {
  readonly choices: { readonly delta?: { readonly content?: string | null } }[]
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
}

export async function stream(server: Server, ask: Ask): Promise<Timing> {
  const startMs = performance.now()
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: server.model,
      messages: [{ role: 'user', content: ask.content }],
      temperature: 0,
      max_tokens: ask.maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
  })
  if (!reply.ok || reply.body === null) throw new Error(`status ${reply.status}`)
  const times: number[] = []
  let usage = { prompt_tokens: 0, completion_tokens: 0 }
  for await (const chunk of chunksOf(reply.body)) {
    if ((chunk.choices[0]?.delta?.content ?? '') !== '') {
      times.push(performance.now())
      ask.onText?.()
    }
    usage = chunk.usage ?? usage
  }
  const gaps = times.map((time, i) => time - (times[i - 1] ?? time))
  return {
    firstTokenMs: (times[0] ?? startMs) - startMs,
    promptTokens: usage.prompt_tokens,
    tokens: usage.completion_tokens,
    decodeMs: (times.at(-1) ?? 0) - (times[0] ?? 0),
    longestGapMs: Math.max(0, ...gaps),
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Chunk> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const bytes of body) {
    held += decoder.decode(bytes, { stream: true })
    const lines = held.split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length)) as Chunk
    }
  }
}

/** Tokens a second of `count` streams at once, all together, first tokens left out. */
export async function tokensPerSecond(
  server: Server,
  count: number,
  maxTokens: number,
): Promise<number> {
  const startMs = performance.now()
  const timings = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      stream(server, { content: `Tell a very long story about ship number ${i}.`, maxTokens }),
    ),
  )
  const lastMs = performance.now() - startMs
  const firstMs = Math.min(...timings.map((timing) => timing.firstTokenMs))
  return (1000 * timings.reduce((sum, { tokens }) => sum + tokens, 0)) / (lastMs - firstMs)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** A home with two tiny models and three adapters sealed, and a daemon that serves some of them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { expect } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { makeHome, runCommand, startDaemon, type Daemon } from '../e2e/daemon-process.ts'
import { loraBytes } from '../fixtures/lora-gguf.ts'
import { tinyModelBytes } from '../fixtures/tiny-gguf.ts'
import { recordsOf, type Ended } from '../process/tiny-daemon.ts'

export const ADAPTERS = {
  poet: loraBytes({ seed: 11 }),
  lawyer: loraBytes({ seed: 12, type: 'f16' }),
  mute: loraBytes({ strength: 0 }),
}

export class AdapterHome {
  readonly #place = makeHome()
  #apiKey = ''
  #daemon: Daemon | undefined

  get state(): string {
    return this.#place.state
  }

  command(args: readonly string[], input?: Buffer): Promise<Ended> {
    return runCommand(this.#place.home, args, input)
  }

  importAs(name: string, bytes: Buffer, ...more: string[]): Promise<Ended> {
    return this.command(['model', 'import', '-', '--name', name, ...more], bytes)
  }

  /** Names in the store, half-made ones included. */
  models(): string[] {
    return readdirSync(join(this.state, 'models')).sort()
  }

  records() {
    return recordsOf(this.state)
  }

  async fill(): Promise<void> {
    const models = { one: tinyModelBytes(), two: tinyModelBytes({ seed: 2 }) }
    for (const [name, bytes] of Object.entries(models)) {
      expect((await this.importAs(name, bytes)).err).toContain(`model ${name}: sealed`)
    }
    for (const [name, bytes] of Object.entries(ADAPTERS)) {
      const { code, err } = await this.importAs(name, bytes, '--base', 'one')
      expect(err).toContain(`adapter ${name}: sealed`)
      expect(code).toBe(EXIT.ok)
    }
    const added = await this.command(['client', 'add', 'tests', '--json'])
    this.#apiKey = (JSON.parse(added.out) as { key: string }).key
  }

  /** @param adapters - Of the model `one`. */
  async serve(adapters: readonly string[], ...more: string[]): Promise<Daemon> {
    this.#daemon = await startDaemon(this.#place.home, [
      ...['--set', 'engine.contextTokens=1024', '--set', 'engine.slots=4', '--set', 'model=one'],
      ...['--set', 'gateway.maxJobs=16'],
      ...['--set', `models=${JSON.stringify({ one: { adapters, idleMs: 0 } })}`, ...more],
    ])
    return this.#daemon
  }

  /** What was served last; in order, whatever happened to it. */
  async stop(): Promise<void> {
    if (this.#daemon !== undefined) expect(await this.#daemon.stop()).toBe(EXIT.ok)
    this.#daemon = undefined
  }

  get client(): OpenAI {
    const baseURL = `${this.#daemon?.ready.url ?? ''}/v1`
    return new OpenAI({ apiKey: this.#apiKey, baseURL, maxRetries: 0 })
  }

  async chat(model: string, content = 'say something'): Promise<string> {
    const answer = await this.client.chat.completions.create({
      ...{ model, temperature: 0, max_completion_tokens: 24 },
      messages: [{ role: 'user', content }],
    })
    expect(answer.model).toBe(model)
    return answer.choices[0]?.message.content ?? ''
  }

  /** Until an engine that failed is started again and answers. */
  async untilAnswered(model: string): Promise<void> {
    const answered = () => this.chat(model).catch(() => '')
    await expect.poll(answered, { timeout: 20_000 }).not.toBe('')
  }

  remove(): void {
    this.#place.remove()
  }
}

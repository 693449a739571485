/**
 * How llama-server goes on with a few texts, with the adapter of `test/fixtures/smol-lora.ts` and
 * without: `test/vectors/smol-lora.json`. Run once, by hand; no test needs llama-server.
 *
 *     node scripts/models/lora-reference.ts PATH/llama-server SmolLM2-135M-Instruct.Q4_1.gguf
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  SMOL_LORA_TOKENS,
  smolLoraBytes,
  type SmolLoraVectors,
} from '../../test/fixtures/smol-lora.ts'
import { LlamaServer } from '../prompt-vectors/llama-server.ts'

const PROMPTS = [
  'Once upon a time there was',
  'The best way to learn a language is',
  'Dear Sir or Madam, I am writing to',
]
const [server = 'llama-server', model = 'model.gguf'] = process.argv.slice(2)

async function answersOf(more: { adapter?: string }): Promise<string[]> {
  await using running = await LlamaServer.start({ server, model, template: null, ...more })
  const answers: string[] = []
  for (const prompt of PROMPTS) answers.push(await running.complete(prompt, SMOL_LORA_TOKENS))
  return answers
}

const folder = mkdtempSync(join(tmpdir(), 'lora-'))
try {
  const bytes = smolLoraBytes()
  const adapter = join(folder, 'adapter.gguf')
  writeFileSync(adapter, bytes)
  const [base, adapted] = [await answersOf({}), await answersOf({ adapter })]
  const vectors: SmolLoraVectors = {
    about: 'made by scripts/models/lora-reference.ts with llama-server; greedy',
    adapter: createHash('sha256').update(bytes).digest('hex'),
    answers: PROMPTS.map((prompt, at) => ({
      prompt,
      base: base[at] ?? '',
      adapted: adapted[at] ?? '',
    })),
  }
  const place = join(import.meta.dirname, '../../test/vectors/smol-lora.json')
  writeFileSync(place, `${JSON.stringify(vectors, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}

/**
 * Whether real templates give llama-server's token ids, with the vocabularies they belong to.
 *
 *     npm run conformance:ids -- --templates DIR --vocabularies DIR --server PATH/llama-server
 *
 * The folders are llama.cpp's `models/templates` and `models`. Conversations whose text
 * `conformance.ts` finds unlike are counted here as unlike too.
 *
 * @packageDocumentation
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadModel } from '../../src/engine/llama.ts'
import { plainChat, type ChatInput } from '../../src/engine/prompt/conversation.ts'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import { CONVERSATIONS } from './conversations.ts'
import { LlamaServer } from './llama-server.ts'
import { TOOL_CONVERSATIONS } from './tool-conversations.ts'
import { writeVocabularyModel } from './vocabulary-model.ts'

const { values } = parseArgs({
  options: {
    templates: { type: 'string', default: '.' },
    vocabularies: { type: 'string', default: '.' },
    server: { type: 'string', default: 'llama-server' },
  },
})

/** Only where llama.cpp's folder has both. */
const PAIRS: readonly (readonly [vocabulary: string, template: string])[] = [
  ['llama-bpe', 'meta-llama-Llama-3.1-8B-Instruct'],
  ['llama-bpe', 'NousResearch-Hermes-3-Llama-3.1-8B-tool_use'],
  ['qwen2', 'Qwen-Qwen2.5-7B-Instruct'],
  ['qwen2', 'Qwen-Qwen3-0.6B'],
  ['qwen35', 'Qwen3.5-4B'],
  ['phi-3', 'microsoft-Phi-3.5-mini-instruct'],
  ['deepseek-llm', 'deepseek-ai-DeepSeek-V3.1'],
  ['gemma-4', 'google-gemma-4-31B-it'],
  ['command-r', 'CohereForAI-c4ai-command-r-plus-tool_use'],
  ['llama-spm', 'mistralai-Mistral-Nemo-Instruct-2407'],
]

interface Asked extends ChatInput {
  readonly name: string
}
const PLAIN: readonly Asked[] = CONVERSATIONS.map(({ name, messages }) => ({
  name,
  ...plainChat(messages),
}))

function idsOf(renderer: PromptRenderer, chat: Asked): string | null {
  try {
    return renderer.render(chat).join(' ')
  } catch {
    return null
  }
}

async function countEqual(
  chats: readonly Asked[],
  renderer: PromptRenderer,
  server: LlamaServer,
): Promise<string> {
  let equal = 0
  for (const chat of chats) {
    const text = await server.prompt(chat)
    const theirs = text === null ? null : (await server.tokens(text)).join(' ')
    if (idsOf(renderer, chat) === theirs) equal++
  }
  return `${equal}/${chats.length}`
}

const scratch = mkdtempSync(join(tmpdir(), 'vocabularies-'))
for (const [vocabulary, name] of PAIRS) {
  const path = join(scratch, `${vocabulary}.gguf`)
  writeVocabularyModel(join(values.vocabularies, `ggml-vocab-${vocabulary}.gguf`), path)
  const model = await loadModel(path, { maxThreads: 1, onLog: () => undefined })
  const template = join(values.templates, `${name}.jinja`)
  const renderer = new PromptRenderer(readFileSync(template, 'utf8'), model.vocabulary)
  await using server = await LlamaServer.start({ server: values.server, model: path, template })
  const plain = await countEqual(PLAIN, renderer, server)
  const tools = await countEqual(TOOL_CONVERSATIONS, renderer, server)
  console.log(`${name} with ${vocabulary}: ordinary ${plain}, tools and thinking ${tools}`)
}
rmSync(scratch, { recursive: true })

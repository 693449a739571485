/**
 * Makes `test/vectors/prompt/vocabularies.json`: the token ids of llama-server for each conversation
 * with each real vocabulary and its template, as their number and a digest.
 *
 *     node scripts/prompt-vectors/make-vocabularies.ts PATH/llama-server
 *
 * @packageDocumentation
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHATS, vectorOf } from './chats.ts'
import { LlamaServer } from './llama-server.ts'
import { fetchVocabularies } from './vocabularies.ts'
import { writeVocabularyModel } from './vocabulary-model.ts'

const SOURCE = 'llama-server of llama.cpp 0.6.0, /apply-template then /tokenize'
const [server = 'llama-server'] = process.argv.slice(2)
const scratch = mkdtempSync(join(tmpdir(), 'vocabularies-'))

const lines: string[] = []
for (const [at, pair] of fetchVocabularies(scratch).entries()) {
  const model = join(scratch, `${at}.gguf`)
  const template = join(scratch, `${at}.jinja`)
  writeVocabularyModel(pair.tokenizer(), model)
  writeFileSync(template, pair.template())
  await using running = await LlamaServer.start({ server, model, template })
  for (const chat of CHATS) {
    const text = await running.prompt(chat)
    const ids = text === null ? null : await running.tokens(text)
    lines.push(JSON.stringify([pair.name, chat.name, vectorOf(ids)]))
  }
  console.log(pair.name)
}
writeFileSync(
  join(import.meta.dirname, '../../test/vectors/prompt/vocabularies.json'),
  `{"source":${JSON.stringify(SOURCE)},"vectors":[\n${lines.join(',\n')}\n]}\n`,
)
rmSync(scratch, { recursive: true })

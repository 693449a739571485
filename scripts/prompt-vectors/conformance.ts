/**
 * How many real chat templates render here as in llama-server, letter for letter.
 *
 *     npm run conformance:templates -- --templates DIR --server PATH/llama-server --model FILE.gguf
 *
 * DIR holds `*.jinja`, as llama.cpp's `models/templates`. One line for each template: what agrees,
 * and the forms found for calls and thoughts. `--verbose` shows where texts part.
 *
 * @packageDocumentation
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plainChat, type ChatInput } from '../../src/engine/prompt/conversation.ts'
import { PromptRenderer } from '../../src/engine/prompt/renderer.ts'
import { ToyVocabulary } from '../../test/fixtures/toy-vocabulary.ts'
import { CONVERSATIONS } from './conversations.ts'
import { LlamaServer } from './llama-server.ts'
import { TOOL_CONVERSATIONS } from './tool-conversations.ts'

const { values } = parseArgs({
  options: {
    templates: { type: 'string' },
    server: { type: 'string' },
    model: { type: 'string' },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
})

interface Asked extends ChatInput {
  readonly name: string
}

const ORDINARY = CONVERSATIONS.filter(({ messages }) => messages.length > 1)
const ASKED: readonly Asked[] = [
  ...ORDINARY.map(({ name, messages }) => ({ name, ...plainChat(messages) })),
  ...TOOL_CONVERSATIONS,
]
/** What tags and tokens of templates look like: their letters are disguised in the contents. */
const TOKENS = /<[|｜][^<>\n]{1,40}[|｜]>|\[\/?[A-Z_]{2,32}\]|<\/?[a-z_]{2,32}>/g

type Outcome = 'equal' | 'differs' | 'refused by both' | 'refused here' | 'refused there'

interface Row {
  readonly template: string
  readonly plain: readonly Outcome[]
  readonly tools: readonly Outcome[]
  readonly renderer: PromptRenderer | null
}

function vocabularyOf(source: string): ToyVocabulary {
  const ends = ['<|im_start|>', '<|im_end|>']
  const found = [...source.matchAll(TOKENS)].map(([tag]) => tag)
  const control = [...new Set([...ends, ...found])]
  // The words that llama-server takes from the vocabulary of SmolLM2.
  return new ToyVocabulary(control, [], { bos: '<|im_start|>', eos: '<|im_end|>' })
}

function rendererOf(source: string, vocabulary: ToyVocabulary): PromptRenderer | null {
  try {
    return new PromptRenderer(source, vocabulary)
  } catch (thrown) {
    if (values.verbose) console.log(thrown)
    return null
  }
}

function textOf(renderer: PromptRenderer, vocabulary: ToyVocabulary, input: Asked): string | null {
  try {
    return vocabulary.write(renderer.render(input))
  } catch (thrown) {
    if (values.verbose) console.log(input.name, String(thrown))
    return null
  }
}

function outcomeOf(name: string, ours: string | null, theirs: string | null): Outcome {
  if (ours === theirs) return ours === null ? 'refused by both' : 'equal'
  if (theirs === null) return 'refused there'
  if (ours === null) return 'refused here'
  if (values.verbose) showDifference(name, ours, theirs)
  return 'differs'
}

function showDifference(name: string, ours: string, theirs: string): void {
  let at = 0
  while (ours[at] === theirs[at]) at++
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 100))
  console.log(`  ${name}, at ${at}\n    here:  ${around(ours)}\n    there: ${around(theirs)}`)
}

async function compare(file: string): Promise<Row> {
  const source = readFileSync(file, 'utf8')
  const vocabulary = vocabularyOf(source)
  const renderer = rendererOf(source, vocabulary)
  const files = { server: values.server ?? '', model: values.model ?? '', template: file }
  await using server = await LlamaServer.start(files)
  const outcomes: [Asked, Outcome][] = []
  for (const asked of ASKED) {
    const theirs = await server.prompt(asked)
    const ours = renderer === null ? null : textOf(renderer, vocabulary, asked)
    outcomes.push([asked, outcomeOf(asked.name, ours, theirs)])
  }
  const usesTools = ({ tools }: Asked) => tools.length > 0
  const ofKind = (isTools: boolean) =>
    outcomes.filter(([asked]) => usesTools(asked) === isTools).map(([, outcome]) => outcome)
  return { template: file, plain: ofKind(false), tools: ofKind(true), renderer }
}

const isSame = (outcome: Outcome) => outcome === 'equal' || outcome === 'refused by both'

function report({ plain, tools, renderer }: Row, name: string): void {
  const count = (all: readonly Outcome[]) => `${all.filter(isSame).length}/${all.length}`
  const forms =
    renderer === null
      ? 'not read'
      : JSON.stringify([renderer.calls, renderer.thoughts, renderer.thinking])
  console.log(`${name}: plain ${count(plain)}, tools ${count(tools)} ${forms}`)
}

const folder = values.templates ?? '.'
const rows: Row[] = []
const names = readdirSync(folder).filter((name) => name.endsWith('.jinja'))
for (const name of names.filter((found) => found.includes(values.only)).sort()) {
  try {
    const row = await compare(join(folder, name))
    report(row, name)
    rows.push(row)
  } catch (thrown) {
    console.log(`${name}: ${String(thrown)}`)
  }
}
const whole = (kind: 'plain' | 'tools') => rows.filter((row) => row[kind].every(isSame)).length
console.log(
  `${rows.length} templates: without tools ${whole('plain')} agree in all, with tools ${whole('tools')}`,
)

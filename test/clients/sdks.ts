/**
 * The SDKs of the matrix: what each calls things, and what it does not have.
 *
 * @packageDocumentation
 */
import type { Sdk } from './acts.ts'
import { npmSdk } from './npm-sdk.ts'
import { anthropic } from './npm/anthropic.ts'
import { langchain } from './npm/langchain.ts'
import { openai } from './npm/openai.ts'
import { vercel } from './npm/vercel.ts'
import { pythonSdk } from './python-sdk.ts'

export interface SdkEntry {
  readonly name: string
  readonly registry: 'npm' | 'PyPI'
  /** Whose versions the table shows. */
  readonly packages: readonly string[]
  readonly start: (place: PythonPlace) => Promise<Sdk>
  readonly finish: { readonly stop: string; readonly calls: string }
  readonly kinds: ErrorKinds
  /** What an SDK does not have, by the row, with the reason. */
  readonly missing: Readonly<Record<string, string>>
  /** Whether its errors have our `code`. */
  readonly tellsCodes: boolean
}

export interface PythonPlace {
  readonly python: string
  readonly home: string
}

/** The class of an error, or one that it inherits from. */
export interface ErrorKinds {
  readonly badKey: string
  readonly busy: string
  readonly refused: string
  readonly timeout: string
}

const OPENAI_KINDS = {
  badKey: 'AuthenticationError',
  busy: 'RateLimitError',
  refused: 'BadRequestError',
}
const OPENAI_WORDS = { stop: 'stop', calls: 'tool_calls' }
const NO_LIST = 'it has no list of models'

export const SDKS: readonly SdkEntry[] = [
  {
    ...{ name: 'openai (JavaScript)', registry: 'npm', packages: ['openai'] },
    start: async () => npmSdk(openai),
    finish: OPENAI_WORDS,
    kinds: { ...OPENAI_KINDS, timeout: 'APIConnectionTimeoutError' },
    ...{ missing: {}, tellsCodes: true },
  },
  {
    ...{ name: 'LangChain (JavaScript)', registry: 'npm', packages: ['@langchain/openai'] },
    start: async () => npmSdk(langchain),
    finish: OPENAI_WORDS,
    kinds: { ...OPENAI_KINDS, timeout: 'TimeoutError' },
    ...{ missing: { 'list models': NO_LIST }, tellsCodes: true },
  },
  {
    ...{ name: 'Vercel AI', registry: 'npm', packages: ['ai', '@ai-sdk/openai-compatible'] },
    start: async () => npmSdk(vercel),
    finish: { stop: 'stop', calls: 'tool-calls' },
    // One class for all of them: the status tells.
    kinds: {
      ...{ badKey: 'APICallError', busy: 'APICallError', refused: 'APICallError' },
      timeout: 'TimeoutError',
    },
    ...{ missing: { 'list models': NO_LIST }, tellsCodes: true },
  },
  {
    ...{ name: 'Anthropic (JavaScript)', registry: 'npm', packages: ['@anthropic-ai/sdk'] },
    start: async () => npmSdk(anthropic),
    finish: { stop: 'end_turn', calls: 'tool_use' },
    kinds: { ...OPENAI_KINDS, timeout: 'APIConnectionTimeoutError' },
    ...{ missing: { embeddings: 'Anthropic has no embeddings' }, tellsCodes: true },
  },
  {
    ...{ name: 'openai (Python)', registry: 'PyPI', packages: ['openai'] },
    start: ({ python, home }) => pythonSdk(python, 'openai', home),
    finish: OPENAI_WORDS,
    kinds: { ...OPENAI_KINDS, timeout: 'APITimeoutError' },
    ...{ missing: {}, tellsCodes: true },
  },
  {
    ...{ name: 'LangChain (Python)', registry: 'PyPI', packages: ['langchain-openai'] },
    start: ({ python, home }) => pythonSdk(python, 'langchain', home),
    finish: OPENAI_WORDS,
    kinds: { ...OPENAI_KINDS, timeout: 'APITimeoutError' },
    ...{ missing: { 'list models': NO_LIST }, tellsCodes: true },
  },
  {
    ...{ name: 'LiteLLM (Python)', registry: 'PyPI', packages: ['litellm'] },
    start: ({ python, home }) => pythonSdk(python, 'litellm', home),
    finish: OPENAI_WORDS,
    kinds: { ...OPENAI_KINDS, timeout: 'Timeout' },
    ...{ missing: {}, tellsCodes: false },
  },
]

/**
 * What peers have published of themselves and of each other: on their own rows, their machines.
 *
 * None of it was measured here. Read in the repositories named, in November 2026.
 *
 * @packageDocumentation
 */
import type { Table } from './tables.ts'

const INJECTION: Table = {
  id: 'published-injection',
  title: 'Published: injections (%; ms for a prompt)',
  head: ['detector', 'NotInject', 'harmless', 'attacks', 'ms', 'source'],
  rows: [
    ['PIGuard (184 M parameters)', '87.3', '85.7', '77.4', '15.3', 'PIGuard, ACL 2025'],
    ['ProtectAI v2 (in LLM Guard)', '57.2', '86.2', '48.6', '15.8', 'PIGuard, ACL 2025'],
    ['Prompt Guard 1', '0.3', '26.8', '97.1', '15.3', 'PIGuard, ACL 2025'],
    ['deepset', '29.5', '34.1', '91.5', '15.2', 'PIGuard, ACL 2025'],
    ['fmops', '28.3', '34.6', '93.5', '4.4', 'PIGuard, ACL 2025'],
    ['Lakera Guard', '87.6', '90.9', '53.2', '710', 'PIGuard, ACL 2025'],
    ['LlamaGuard 3', '99.7', '95.2', '28.3', '787', 'PIGuard, ACL 2025'],
    ['GPT-4o', '86.7', '90.8', '79.1', '7,907', 'PIGuard, ACL 2025'],
    [
      'prompt-shield, patterns',
      '96.2 to 99.1',
      '–',
      '1.7 (deepset test)',
      '–',
      'prompt-shield, docs/papers/evaluation',
    ],
    [
      'prompt-shield, with alignment',
      '–',
      '–',
      '23.3 (deepset test)',
      '26',
      'prompt-shield, docs/papers/evaluation',
    ],
    [
      'mBERT and logistic regression',
      '–',
      '–',
      'F1 96.6 (deepset test)',
      '–',
      'sinanw/llm-security-prompt-injection',
    ],
    [
      'Prompt Guard 2, 86 M',
      '–',
      '–',
      '97.5 at 1 % false alarms, own set',
      '92 (A100)',
      'PurpleLlama, model card',
    ],
    [
      'Prompt Guard 2, 22 M',
      '–',
      '–',
      '88.7 at 1 % false alarms, own set',
      '19 (A100)',
      'PurpleLlama, model card',
    ],
  ],
}

const PERSONAL: Table = {
  id: 'published-personal',
  title: 'Published: personal data',
  head: ['detector', 'rows', 'precision', 'recall', 'F1', 'ms', 'source'],
  rows: [
    [
      'Presidio',
      'AmbientMeta, 1,113',
      '.564',
      '.537',
      '.550',
      '6.6 to 12.9',
      'AmbientMeta’s benchmark, March 2026',
    ],
    [
      'AmbientMeta',
      'AmbientMeta, 1,113',
      '.836',
      '.813',
      '.824',
      '20 to 35',
      'AmbientMeta’s benchmark, March 2026',
    ],
    [
      'spaCy',
      'AmbientMeta, 1,113',
      '.448',
      '.414',
      '.431',
      '4.3 to 7.7',
      'AmbientMeta’s benchmark, March 2026',
    ],
    [
      'patterns alone',
      'AmbientMeta, 1,113',
      '.636',
      '.171',
      '.269',
      '0.01 to 0.04',
      'AmbientMeta’s benchmark, March 2026',
    ],
    ['pii-anon', 'pii-anon, 140,855', '.724', '.796', '.758', '0.395', 'pii-anon, README'],
    ['GLiNER', 'pii-anon, 140,855', '.912', '.661', '.766', '86', 'pii-anon, README'],
    ['Presidio', 'pii-anon, 140,855', '.407', '.635', '.496', '15.1', 'pii-anon, README'],
    ['scrubadub', 'pii-anon, 140,855', '–', '–', '.333', '0.24', 'pii-anon, README'],
  ],
}

const PRESIDIO_TYPES: Table = {
  id: 'published-types',
  title: 'Published: F1 of Presidio by type, on AmbientMeta’s rows, and the best of any there',
  head: ['type', 'Presidio', 'best'],
  rows: [
    ['e-mail', '1.00', '1.00'],
    ['card', '.92', '.984'],
    ['SSN', '.695', '.887'],
    ['phone', '.551', '.811'],
    ['NPI', '0', '.957'],
    ['medical record number', '0', '.909'],
  ],
}

const SECRETS: Table = {
  id: 'published-secrets',
  title: 'Published: secrets',
  head: ['detector', 'rows', 'precision', 'recall', 'F1', 'source'],
  rows: [
    ['CredSweeper', 'CredData, 4,583 secrets', '.917', '.808', '.859', 'CredData, README, 2022'],
    ['gitleaks', 'CredData, 4,583 secrets', '.526', '.244', '.334', 'CredData, README, 2022'],
    ['truffleHog 3', 'CredData, 4,583 secrets', '.150', '.547', '.235', 'CredData, README, 2022'],
    ['detect-secrets', 'CredData, 4,583 secrets', '.142', '.381', '.206', 'CredData, README, 2022'],
    ['gitleaks', 'SecretBench', '.46', '.88', '–', 'arXiv 2307.00714, abstract'],
    ['GitHub', 'SecretBench', '.75', '–', '–', 'arXiv 2307.00714, abstract'],
    ['TruffleHog', 'SecretBench', '–', '.52', '–', 'arXiv 2307.00714, abstract'],
  ],
}

const STREAMS: Table = {
  id: 'published-streams',
  title: 'Published: what peers do with an answer that is streamed',
  head: ['peer', 'what its documents or its tracker say'],
  rows: [
    [
      'NeMo Guardrails',
      'sends a chunk of 200 tokens first and checks it afterwards, unless told otherwise',
    ],
    [
      'OpenAI guardrails',
      'text that violates a rule may be seen for a moment; in answers personal data blocks and is not masked',
    ],
    ['LiteLLM', 'open since September 2026: a value that is split over two events passes'],
    ['Guardrails AI', 'validates fragments of the stream'],
    ['LLM Guard, Rebuff, Vigil', 'whole texts only'],
  ],
}

export const PUBLISHED: readonly Table[] = [INJECTION, PERSONAL, PRESIDIO_TYPES, SECRETS, STREAMS]

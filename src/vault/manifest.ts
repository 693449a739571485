/**
 * The manifest of a sealed model: what the sealed bytes claim to be, fixed when they were sealed.
 *
 * What it gives: the payload's keys are derived from the manifest's hash, so a payload opens only
 * together with the very manifest it was sealed with. What it does not give: secrecy (anybody who
 * has the folder reads it), or proof of who made the model (that is a signature's work).
 *
 * @packageDocumentation
 * @see docs/spec/sealed-model.md
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalise, parseCanonical } from './canonical.ts'
import { checkFields, instant, printable, sha256Hex } from './fields.ts'
import { MAX_PLAIN_BYTES } from './layout.ts'

export const MANIFEST_FORMAT = 'secure-llm/sealed-model/v1'
export const MAX_MANIFEST_BYTES = 64 * 1024

export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT
  /** `[a-z0-9][a-z0-9._-]{0,63}`: safe as a folder's and a socket's name. */
  readonly name: string
  readonly version: string
  /** Length of the plaintext, in bytes. */
  readonly bytes: number
  /** SHA-256 of the plaintext, 64 hex digits in lower case. */
  readonly sha256: string
  /** SHA-256 of the chat template's UTF-8 bytes, or null when the model brings none. */
  readonly templateSha256: string | null
  readonly source: string
  readonly licence: string
  /** RFC 3339 in UTC, seconds or milliseconds. */
  readonly created: string
  /** Absent: a model that stands alone. `adapter`: a LoRA adapter, of no use without a base model. */
  readonly kind?: 'adapter' | undefined
  /** With `kind`: the architecture of the base models it is for, as GGUF names it. */
  readonly architecture?: string | undefined
}

/** Of a GGUF file, the same rule as its reader has. */
export const ARCHITECTURE = /^[a-z0-9][a-z0-9_.-]{0,63}$/

const MANIFEST = z
  .strictObject({
    format: z.literal(MANIFEST_FORMAT),
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
    version: printable(1, 64),
    bytes: z.int().min(0).max(MAX_PLAIN_BYTES),
    sha256: sha256Hex,
    templateSha256: sha256Hex.nullable(),
    source: printable(0, 2048),
    licence: printable(0, 256),
    created: instant,
    kind: z.literal('adapter').optional(),
    architecture: z.string().regex(ARCHITECTURE).optional(),
  })
  .refine(({ kind, architecture }) => (kind === undefined) === (architecture === undefined), {
    path: ['architecture'],
    message: 'kind and architecture come together',
  })
  .refine(({ kind, templateSha256 }) => kind === undefined || templateSha256 === null, {
    path: ['templateSha256'],
    message: 'an adapter has no template',
  })

const FAULT = { what: 'manifest.json', code: 'VAULT_MANIFEST_INVALID' } as const

/** @throws Fault `VAULT_MANIFEST_INVALID` for anything but the canonical bytes of a manifest. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = parseCanonical(bytes, { ...FAULT, maxBytes: MAX_MANIFEST_BYTES })
  return checkFields(MANIFEST, value, FAULT)
}

/**
 * The bytes of manifest.json (RFC 8785, no line feed): the only spelling a reader takes.
 *
 * @throws Fault `VAULT_MANIFEST_INVALID` when a field is not what a reader would take.
 */
export function canonicalManifest(manifest: Manifest): Buffer {
  return Buffer.from(canonicalise(checkFields(MANIFEST, manifest, FAULT)), 'latin1')
}

/** 32 bytes that bind payload and slots to this manifest: SHA-256 of the canonical bytes. */
export function manifestContext(manifest: Manifest): Buffer {
  return createHash('sha256').update(canonicalManifest(manifest)).digest()
}

/**
 * Faults: failures a person can mend.
 *
 * A fault says three things: a stable code for programs, what happened (with the numbers), and what
 * to do next. Anything else that is thrown is a bug, and the process should stop on it.
 *
 * A fault's text may be logged and sent to a client. Never put a prompt, an answer, a key, or the
 * inside of a sealed file into it; sizes, names and codes are enough.
 *
 * @packageDocumentation
 */

/** Every code, with its remedy. Codes are API: add freely, never rename, never reuse. */
const REMEDIES = {
  ACT_UNRECORDED:
    'The act is done and holds. Mend what the message names, and note the act elsewhere: the record will not have it.',
  ADAPTER_INVALID:
    'Make the adapter file again with llama.cpp’s convert_lora_to_gguf.py, as f32 or f16.',
  ADAPTER_MISFIT:
    'Choose the base model that the adapter was made for: --base NAME, or its row in models.',
  AUDIT_CHAIN_BROKEN:
    'Stop the daemon, keep the file as evidence, and start a new log by moving the audit folder away.',
  AUDIT_UNAVAILABLE:
    'Free space on the disk that holds the audit log; requests are taken again without a restart.',
  CLI_INTERRUPTED: 'Run the command again; what was half made has been removed.',
  CLI_USAGE: 'Run `secure-llm help` for the commands and their arguments.',
  CLIENT_EXISTS:
    'Choose another name, or revoke the client first: `secure-llm client revoke NAME`.',
  CLIENT_UNKNOWN: 'See the names with `secure-llm client list`.',
  CLIENTS_INVALID: 'Restore clients.json from a copy, or remove it and add the clients again.',
  CONFIG_INVALID:
    'Correct the named settings. `secure-llm config check` reads the file without starting anything.',
  DISK_REFUSED:
    'Free space on the disk, or mend the permissions of the named file, and run the command again.',
  DOWNLOAD_FAILED: 'Check the network and run the command again; it starts from where it can.',
  DOWNLOAD_MISMATCH:
    'The file is not the one the catalog names; nothing was kept. Run the command again, or import a file you trust.',
  ENGINE_BUG: 'Keep the journal and report it; the engine is restarted.',
  ENGINE_CONTEXT_LENGTH: 'Shorten the messages, or raise engine.contextTokens.',
  ENGINE_GRAMMAR: 'Simplify the JSON Schema: fewer properties, smaller bounds.',
  ENGINE_LOST: 'Send the request again in a few seconds; the engine is being restarted.',
  ENGINE_MODEL_INVALID: 'Import a model file that llama.cpp supports; this one is not loaded.',
  ENGINE_OUT_OF_MEMORY:
    'Lower engine.contextTokens or engine.slots, or pick a smaller quantisation.',
  ENGINE_SELF_TEST:
    'Install the pinned versions with `npm ci`; the engine does not run with other ones.',
  ENGINE_TEMPLATE:
    'The chat template of the model cannot render these messages; change their order.',
  ENGINE_TOKENS: 'Send only token ids that `/v1/tokenize` gives for this model.',
  ENGINE_UNAVAILABLE: 'Wait for the time in Retry-After, then send the request again.',
  GATEWAY_BUSY: 'Wait for the time in Retry-After, then send the request again.',
  GATEWAY_STOPPING: 'Send the request again when the gateway has been restarted.',
  GRAMMAR_SCHEMA:
    'Change the named keyword of the JSON Schema; docs/spec/grammar.md says what each one may say.',
  GUARD_FILE_UNSAFE:
    'Give the named file to the user that runs the daemon, with mode 0600 (`chmod 600 FILE`), or remove it.',
  GUARD_REFUSED: 'Remove what the findings name, and send the request again.',
  GUARD_SETTINGS:
    'Correct the named entry under guard; `secure-llm config check` tries every one of them.',
  INTERNAL: 'Keep the journal and report it with the request id.',
  KEEPER_BUSY: 'Another keeper holds this state folder; stop it first.',
  KEEPER_UNAVAILABLE: 'Look for the keeper in the journal; it is being restarted.',
  KEY_STORE_LOCKED: 'Unlock the key store: start from a terminal and give the passphrase.',
  KEY_STORE_MISSING:
    'Restore the key the model was sealed with, or import the model again after removing it.',
  KEY_STORE_PASSPHRASE:
    'Give the passphrase that the key store was made with; a new store wants at least 8 bytes.',
  KEY_STORE_REFUSED:
    'Unlock or start the desktop keyring, or choose keys.store "passphrase" (or "file" for development).',
  LISTEN_REFUSED:
    'Stop the program that listens there, or choose another address with --listen (port 0 takes a free one).',
  MEMORY_LOCK_LIMIT:
    'Raise the limit of locked memory (LimitMEMLOCK=infinity, or `ulimit -l unlimited`), or set memory.lock to "preferred".',
  MEMORY_BUDGET:
    'Raise memory.modelsBytes, lower contextTokens or slots of the model, or serve fewer models at once.',
  MODEL_EXISTS: 'Choose another name, or remove the model first: `secure-llm model remove NAME`.',
  MODEL_KIND: 'Choose a model of the other kind; GET /v1/models lists them.',
  MODEL_REFUSED:
    'The trial load failed; the file was not kept. Import a model from a source you trust.',
  MODEL_UNKNOWN: 'See the names with `secure-llm model list`.',
  SANDBOX_DESCRIPTORS:
    'Start the daemon with `secure-llm serve` or by its systemd units; they pass the sockets on.',
  SANDBOX_LAUNCH:
    'Start the daemon with `secure-llm serve` or by its systemd units; they know the launcher’s arguments.',
  SANDBOX_MISSING:
    'Use a kernel with the named layer, or make the layer "preferred" in sandbox.layers.',
  SERVE_FAILED: 'Read the lines above this one; `secure-llm doctor` shows what this machine lacks.',
  STATE_IN_USE:
    'Another daemon runs on this state folder; stop it, or give another one with --state.',
  STATE_UNSAFE: 'Give the state folder to the user that runs the daemon, with mode 0700.',
  VAULT_DAMAGED: 'Restore the sealed model from a copy, or remove and import it again.',
  VAULT_MANIFEST_INVALID: 'Restore manifest.json from a copy; it belongs to the sealed bytes.',
  VAULT_SLOTS_INVALID: 'Restore slots.json from a copy; without a slot the model cannot be opened.',
  VAULT_SLOT_MISSING:
    'No slot fits the key store in use: choose the store the model was sealed for (keys.store).',
  VAULT_WRONG_KEY:
    'Compare the key id that `secure-llm model inspect NAME` prints with the one `secure-llm doctor` shows.',
  WIRE_BROKEN: 'A peer sent a frame that is not allowed; look for the process in the journal.',
} as const satisfies Record<string, string>

export type FaultCode = keyof typeof REMEDIES

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly remedy: string

  constructor(code: FaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.remedy = REMEDIES[code]
  }
}

export function isFaultCode(value: string): value is FaultCode {
  return Object.hasOwn(REMEDIES, value)
}

/** A fault said by a peer: its code when we know it, `otherwise` when we do not. */
export function faultFromPeer(code: string, message: string, otherwise: FaultCode): Fault {
  return new Fault(isFaultCode(code) ? code : otherwise, message)
}

/** What `unknown` says of itself, for a log. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/**
 * Exit codes of every process of ours, and of the command line. The first two are the shell's
 * usual ones; 78 is sysexits.h EX_CONFIG: systemd and our supervisor do not restart after it.
 */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  /** A check said no: `audit verify`, `model verify`, `config check`, `doctor`. */
  refused: 3,
  /** A fault that passes by itself or with another try: network, busy, lost. */
  passing: 75,
  /** A fault that a restart does not mend: key, damage, config, missing layer. */
  permanent: 78,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

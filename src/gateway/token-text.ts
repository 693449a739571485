/**
 * Tokens with their log probabilities, as OpenAI's protocols tell them.
 *
 * @packageDocumentation
 */
import type { TokenEntry } from './chat/token-track.ts'

interface ToldToken {
  readonly token: string
  readonly bytes: readonly number[]
  readonly logprob: number
}

export type ToldChance = ToldToken & { readonly top_logprobs: readonly ToldToken[] }

/** What OpenAI says of a token that nothing predicted. */
const UNTOLD_LOGPROB = -9999

export function toldChance({ bytes, logprob, top }: TokenEntry): ToldChance {
  return {
    ...toldToken(bytes, logprob ?? UNTOLD_LOGPROB),
    top_logprobs: top.map((rival) => toldToken(rival.bytes, rival.logprob)),
  }
}

function toldToken(bytes: Buffer, logprob: number): ToldToken {
  return { token: bytes.toString(), bytes: [...bytes], logprob }
}

/** The text of a token, or its bytes where they are a part of a character only. */
export function tokenName(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const spelled = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
    return `bytes:${spelled.join('')}`
  }
}

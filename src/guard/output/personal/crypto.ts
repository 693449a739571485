/**
 * Addresses of crypto currencies, by the checksum in them.
 *
 * What it does not check: the mixed case of Ethereum (EIP-55) and the checksum of Monero, which
 * need Keccak; there the shape decides. Solana has no checksum and is found behind its name only.
 *
 * @packageDocumentation
 */
import { createHash } from 'node:crypto'
import { isVaried } from './checksum.ts'
import type { NumberRow } from './row.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const RIPPLE = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz'
const CHECK_BYTES = 4

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

function decodeBase58(text: string, alphabet: string, byteLength: number): Uint8Array | undefined {
  let value = 0n
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const hex = value.toString(16).padStart(2 * byteLength, '0')
  return hex.length > 2 * byteLength ? undefined : Buffer.from(hex, 'hex')
}

/** Version bytes, 20 bytes of a hash, four bytes of a double SHA-256. */
function isBase58Check(text: string, versions: readonly string[], alphabet = BASE58): boolean {
  return versions.some((version) => {
    const bytes = decodeBase58(text, alphabet, version.length / 2 + 20 + CHECK_BYTES)
    if (bytes === undefined) return false
    const body = bytes.subarray(0, -CHECK_BYTES)
    const check = sha256(sha256(body)).subarray(0, CHECK_BYTES)
    const hasVersion = Buffer.from(body.subarray(0, version.length / 2)).toString('hex') === version
    return hasVersion && check.equals(bytes.subarray(-CHECK_BYTES))
  })
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const BECH32_GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
/** BIP 173, BIP 350. */
const BECH32_SUMS = [1, 0x2bc830a3]

function polymod(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    BECH32_GENERATOR.forEach((term, bit) => {
      if ((top >>> bit) & 1) sum ^= term
    })
  }
  return sum >>> 0
}

function isBech32(raw: string): boolean {
  const text = raw.toLowerCase()
  if (raw !== text && raw !== raw.toUpperCase()) return false
  const split = text.lastIndexOf('1')
  const prefix = Array.from(text.slice(0, split), (character) => character.charCodeAt(0))
  const data = Array.from(text.slice(split + 1), (character) => BECH32.indexOf(character))
  if (data.includes(-1)) return false
  const expanded = [...prefix.map((unit) => unit >> 5), 0, ...prefix.map((unit) => unit & 31)]
  return BECH32_SUMS.includes(polymod([...expanded, ...data]))
}

const base58 =
  (...versions: readonly string[]) =>
  (_compact: string, raw: string) =>
    isBase58Check(raw, versions)

export const CRYPTO_ADDRESSES: readonly NumberRow[] = [
  {
    name: 'btc',
    free: ['1X{25,33}', '3X{25,33}', 'bc1X{11,71}', 'B\\C1X{11,71}'],
    accepts: (_compact, raw) =>
      /^bc1/i.test(raw) ? isBech32(raw) : isBase58Check(raw, ['00', '05']),
    examples: ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    counterexamples: [
      '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
    ],
    reason: 'shows all payments of its holder',
    source: 'Bitcoin base58check; BIP 173, BIP 350',
  },
  {
    name: 'eth',
    free: ['0xX{40}'],
    accepts: (_compact, raw) => /^0x[0-9a-fA-F]{40}$/.test(raw) && isVaried(raw.slice(2)),
    examples: ['0x52908400098527886E0F7030069857D2E4169EE7'],
    counterexamples: [
      '0x0000000000000000000000000000000000000000',
      '0x52908400098527886E0F7030069857D2E4169EE',
    ],
    reason: 'shows all payments of its holder',
    source: 'Ethereum yellow paper; also chains that copy its form',
  },
  {
    name: 'ltc',
    free: ['LX{26,33}', '\\MX{26,33}', 'ltc1X{11,71}'],
    accepts: (_compact, raw) =>
      raw.startsWith('ltc1') ? isBech32(raw) : isBase58Check(raw, ['30', '32']),
    examples: ['LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1'],
    counterexamples: ['LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc2'],
    reason: 'shows all payments of its holder',
    source: 'Litecoin chain parameters',
  },
  {
    name: 'doge-dash-zec',
    free: ['DX{25,33}', '\\XX{26,33}', 't1X{33}', 't3X{33}'],
    accepts: base58('1e', '16', '4c', '10', '1cb8', '1cbd'),
    examples: ['DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L'],
    counterexamples: ['DH5yaieqoZN36fDVciNyRueRGvGLR3mr7M'],
    reason: 'shows all payments of its holder',
    source: 'chain parameters of Dogecoin, Dash, Zcash',
  },
  {
    name: 'trx',
    free: ['TX{33}'],
    accepts: base58('41'),
    examples: ['TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'],
    counterexamples: ['TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u'],
    reason: 'shows all payments of its holder',
    source: 'TRON, account address format',
  },
  {
    name: 'xrp',
    free: ['rX{24,34}'],
    accepts: (_compact, raw) => isBase58Check(raw, ['00'], RIPPLE),
    examples: ['rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh'],
    counterexamples: ['rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi'],
    reason: 'shows all payments of its holder',
    source: 'XRP Ledger, base58 encodings',
  },
  {
    name: 'xmr',
    free: ['4X{94}', '8X{94}', '4X{105}'],
    accepts: (_compact, raw) => /^[48][1-9A-HJ-NP-Za-km-z]+$/.test(raw) && /[a-z]/.test(raw),
    examples: [
      '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A',
    ],
    counterexamples: [
      '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP30',
    ],
    reason: 'receives payments of its holder; by its shape, its checksum needs Keccak',
    source: 'Monero, standard and integrated addresses',
  },
  {
    name: 'bech32',
    free: ['addr1X{50,103}', 'cosmos1X{38}', 'osmo1X{38}', 'terra1X{38}', 'bnb1X{38}'],
    accepts: (_compact, raw) => isBech32(raw),
    examples: ['cosmos1r23clxd5mzfsh79vn6pg0kaytjeq8w4u0777pr'],
    counterexamples: ['cosmos1r23clxd5mzfsh79vn6pg0kaytjeq8w4u0777pq'],
    reason: 'shows all payments of its holder',
    source: 'BIP 173 as Cardano and Cosmos use it',
  },
  {
    name: 'sol',
    labelled: ['X{32,44}'],
    labels: ['solana', 'sol wallet', 'sol address', 'solana address', 'phantom', 'wallet address'],
    accepts: (_compact, raw) => /^[1-9A-HJ-NP-Za-km-z]+$/.test(raw) && /\d/.test(raw),
    examples: ['Solana address: 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV'],
    counterexamples: ['7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV'],
    reason: 'shows all payments of its holder; no checksum, so only behind its name',
    source: 'Solana, account addresses',
  },
]

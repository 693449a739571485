/**
 * Words for an identity number that are the same for many countries. What is behind them must pass
 * the checksum of one.
 *
 * @packageDocumentation
 */

export const ID_LABELS: readonly string[] = [
  'national id',
  'national identity',
  'national identification',
  'national number',
  'identity number',
  'identity no',
  'identity card',
  'id card',
  'personal id',
  'personal number',
  'personal identification',
  'personal identity',
  'citizen id',
  'government id',
]

export const TAX_LABELS: readonly string[] = [
  'tax id',
  'tax identification',
  'tax number',
  'tax no',
  'tin',
  'taxpayer id',
  'taxpayer number',
  'taxpayer identification',
]

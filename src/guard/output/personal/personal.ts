/**
 * Personal data by form: every detector of it, and every row with what fires it and what must not.
 *
 * Names have no form: they are found by words in front of them, and off unless a profile asks for
 * them. What it does not find: postal addresses; numbers in words, or in digits other than 0 to 9;
 * and numbers that need a word in front when it is more than 40 characters away, behind them, or in
 * another language.
 *
 * @packageDocumentation
 */
import type { Detector } from '../detector.ts'
import { BANK_NUMBERS, IBAN, IBAN_ROW } from './bank.ts'
import { BIRTH_LABELS, BIRTH_ROWS, birthDetector } from './birth.ts'
import { CARD, CARD_NUMBERS, CARD_ROW } from './card.ts'
import { CRYPTO_ADDRESSES } from './crypto.ts'
import { EMAIL, EMAIL_ROW } from './email.ts'
import { HEALTH_NUMBERS } from './health.ts'
import { indexLabels } from './label.ts'
import { AFRICAN_AND_OCEANIAN_IDS } from './national-ids-africa-oceania.ts'
import { AMERICAN_IDS } from './national-ids-america.ts'
import { ASIAN_IDS } from './national-ids-asia.ts'
import { NORTH_EAST_EUROPEAN_IDS } from './national-ids-north-east-europe.ts'
import { WEST_EUROPEAN_IDS } from './national-ids-west-europe.ts'
import { IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESSES, NETWORK_ROWS } from './network.ts'
import { nameDetector, NAME_ROWS } from './names.ts'
import { PHONE_LABELS } from './phone-labels.ts'
import { labelledPhone, PHONE, PHONE_FORMS, PHONE_ROWS } from './phone.ts'
import { freeDetector, labelledDetector, rowsOf, type PersonalRow } from './row.ts'

const NATIONAL_IDS = [
  ...AMERICAN_IDS,
  ...WEST_EUROPEAN_IDS,
  ...NORTH_EAST_EUROPEAN_IDS,
  ...ASIAN_IDS,
  ...AFRICAN_AND_OCEANIAN_IDS,
]

const LABELS = indexLabels(
  [
    ...NATIONAL_IDS,
    ...HEALTH_NUMBERS,
    ...BANK_NUMBERS,
    ...CARD_NUMBERS,
    ...CRYPTO_ADDRESSES,
    ...BIRTH_LABELS,
    ...PHONE_LABELS,
  ].map(({ labels = [] }) => ({ labels })),
)

const ID_REASON = 'stands for a person in all that a state keeps'
const HEALTH_REASON = 'opens what is known of a body'
const BANK_REASON = 'moves money'
const CRYPTO_REASON = 'shows all payments of its holder'

/** In the order in which they are asked: what has a checksum before what has a label alone. */
export const PERSONAL_DETECTORS: readonly Detector[] = [
  EMAIL,
  CARD,
  IBAN,
  freeDetector('crypto', CRYPTO_ADDRESSES, CRYPTO_REASON),
  freeDetector('health', HEALTH_NUMBERS, HEALTH_REASON),
  freeDetector('national-id', NATIONAL_IDS, ID_REASON),
  freeDetector('bank', BANK_NUMBERS, BANK_REASON),
  freeDetector('network', MAC_ADDRESSES, 'names a device for its life'),
  IPV6_ADDRESS,
  IPV4_ADDRESS,
  birthDetector(LABELS),
  labelledDetector('health', HEALTH_NUMBERS, LABELS, HEALTH_REASON),
  labelledDetector('national-id', NATIONAL_IDS, LABELS, ID_REASON),
  labelledDetector('bank', BANK_NUMBERS, LABELS, BANK_REASON),
  labelledDetector('card', CARD_NUMBERS, LABELS, 'is money'),
  labelledDetector('crypto', CRYPTO_ADDRESSES, LABELS, CRYPTO_REASON),
  labelledPhone(LABELS),
  PHONE,
  nameDetector(LABELS),
]

export const PERSONAL_ROWS: readonly PersonalRow[] = [
  ...rowsOf('email', [EMAIL_ROW]),
  ...rowsOf('card', [CARD_ROW, ...CARD_NUMBERS]),
  ...rowsOf('bank', [IBAN_ROW, ...BANK_NUMBERS]),
  ...rowsOf('crypto', CRYPTO_ADDRESSES),
  ...rowsOf('health', HEALTH_NUMBERS),
  ...rowsOf('national-id', NATIONAL_IDS),
  ...rowsOf('network', [...NETWORK_ROWS, ...MAC_ADDRESSES]),
  ...rowsOf('birth', BIRTH_ROWS),
  ...rowsOf('name', NAME_ROWS),
  ...rowsOf('phone', [PHONE_FORMS, ...PHONE_ROWS]),
]

/**
 * Numbers that the states of Africa and Oceania give to a person, and papers of any state that are
 * known by their label alone.
 *
 * @packageDocumentation
 */
import * as abn from 'stdnum/lib/cjs/au/abn.js'
import * as tfn from 'stdnum/lib/cjs/au/tfn.js'
import * as kra from 'stdnum/lib/cjs/ke/pin.js'
import * as nid from 'stdnum/lib/cjs/mu/nid.js'
import * as ird from 'stdnum/lib/cjs/nz/ird.js'
import * as idnr from 'stdnum/lib/cjs/za/idnr.js'
import * as tinZa from 'stdnum/lib/cjs/za/tin.js'
import { isVaried, validFor } from './checksum.ts'
import { ID_LABELS, TAX_LABELS } from './id-labels.ts'
import type { NumberRow } from './row.ts'

/** A passport or a licence has letters, digits, or both, but never letters alone. */
const hasDigits = (compact: string) => /\d.*\d.*\d/.test(compact) && isVaried(compact)

/** Century, birth and governorate. */
const EGYPTIAN = /^[23]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:0[1-4]|[1-3]\d|88)\d{5}$/

export const AFRICAN_AND_OCEANIAN_IDS: readonly NumberRow[] = [
  {
    name: 'za-id',
    free: ['9{13}', '999999 9999 999'],
    labels: ['south african id', 'rsa id', 'said', ...ID_LABELS],
    accepts: validFor(idnr),
    examples: ['7503305044089', '750330 5044 089'],
    counterexamples: ['8503305044089', '75033050440891'],
    reason: 'South Africa’s number of a person, with birth in it',
    source: 'stdnum za/idnr',
  },
  {
    name: 'za-tin',
    labelled: ['9{10}'],
    labels: ['sars', 'income tax number', ...TAX_LABELS],
    accepts: validFor(tinZa),
    examples: ['SARS 0001339050'],
    counterexamples: ['SARS 0001339051', '0001339050'],
    reason: 'South Africa’s tax number',
    source: 'stdnum za/tin',
  },
  {
    name: 'ng-nin',
    labelled: ['9{11}', '9999~999~9999'],
    labels: ['nin', 'nimc', 'bvn', 'bank verification number'],
    accepts: isVaried,
    examples: ['NIN: 12345678901', 'BVN 22345678901'],
    counterexamples: ['12345678901', 'NIN: 11111111111'],
    reason: 'Nigeria’s number of a person; no checksum, so only behind its name',
    source: 'NIMC, NIN',
  },
  {
    name: 'eg-national',
    labelled: ['9{14}'],
    labels: ['egyptian id', 'الرقم القومي', 'رقم قومي', ...ID_LABELS],
    accepts: (compact) => EGYPTIAN.test(compact),
    examples: ['Egyptian ID 29001011234567'],
    counterexamples: ['Egyptian ID 29013211234567', '29001011234567'],
    reason: 'Egypt’s number of a person, with birth in it',
    source: 'Civil Status Organization, structure of the number',
  },
  {
    name: 'ke-pin',
    free: ['A9{9}A'],
    accepts: (compact) => /^[AP]/.test(compact) && validFor(kra)(compact),
    examples: ['P051365947M'],
    counterexamples: ['P05136594M7', 'B051365947M'],
    reason: 'Kenya’s tax number',
    source: 'stdnum ke/pin',
  },
  {
    name: 'mu-nid',
    free: ['A9{12}X'],
    accepts: validFor(nid),
    examples: ['M090497290349B'],
    counterexamples: ['M090497290348B'],
    reason: 'Mauritius’ number of a person, with birth in it',
    source: 'stdnum mu/nid',
  },
  {
    name: 'au-tfn',
    labelled: ['999~999~999', '999~999~99'],
    labels: ['tfn', 'tax file number', 'tax file', ...TAX_LABELS],
    accepts: validFor(tfn),
    examples: ['TFN 123 456 782'],
    counterexamples: ['TFN 123 456 789', '123 456 782'],
    reason: 'Australia’s tax number',
    source: 'stdnum au/tfn',
  },
  {
    name: 'au-abn',
    free: ['99 999 999 999'],
    labelled: ['9{11}', '999~999~999'],
    labels: ['abn', 'australian business', 'acn'],
    accepts: (compact) => compact.length === 9 || validFor(abn)(compact),
    examples: ['83 914 571 673', 'ABN 83914571673'],
    counterexamples: ['83 914 571 674', '83914571673'],
    reason: 'a sole trader has one',
    source: 'stdnum au/abn',
  },
  {
    name: 'nz-ird',
    labelled: ['9{2,3}~999~999', '9{7,8}~9'],
    labels: ['ird', 'ird number', 'inland revenue', ...TAX_LABELS],
    accepts: validFor(ird),
    examples: ['IRD 4909185-0', 'IRD number: 49-091-850'],
    counterexamples: ['IRD 4909185-1', '49-091-850'],
    reason: 'New Zealand’s tax number',
    source: 'stdnum nz/ird',
  },
  {
    name: 'passport',
    labelled: ['A9{7,8}', 'AA9{6,7}', '9{8,9}', 'AAA9{6}', 'A9{2,3}A9{3,5}', 'X{7,9}'],
    labels: [
      'passport',
      'passports',
      'passeport',
      'pasaporte',
      'passaporto',
      'passaporte',
      'paspoort',
      'reisepass',
      'паспорт',
      '护照',
      '여권',
      'パスポート',
    ],
    accepts: hasDigits,
    examples: ['passport number K28405619', 'Passport no. 640283519', 'pasaporte AAB730184'],
    counterexamples: ['K28405619', 'passport of 2024', 'passport renewal'],
    reason: 'opens a border; no checksum outside its machine-readable zone',
    source: 'ICAO 9303, document numbers of up to nine characters',
  },
  {
    name: 'driver-licence',
    labelled: ['M{6,18}'],
    labels: [
      'driver license',
      'drivers license',
      "driver's license",
      'driver’s license',
      'driving licence',
      'driving license',
      'driver licence',
      "driver's licence",
      'dl number',
      'dl no',
      'dl#',
      'führerschein',
      'permis de conduire',
      'licencia de conducir',
      'patente',
      'carteira de motorista',
      'rijbewijs',
      'prawo jazdy',
    ],
    accepts: hasDigits,
    examples: [
      'driver’s license number D1234567',
      'DL No: F123-4567-8901',
      'Führerschein B072RRE2I55',
    ],
    counterexamples: ['D1234567', 'driver license of 2024', 'driver license requirements'],
    reason: 'is shown where an identity card is',
    source: 'AAMVA and EU 2006/126/EC: up to 18 characters, each state its own',
  },
  {
    name: 'other',
    labelled: ['9{6,14}', 'X{6,14}'],
    labels: ['national id', 'national identity', 'government id', 'citizen id', 'identity card'],
    accepts: (compact) => /\d.*\d.*\d.*\d.*\d/.test(compact) && isVaried(compact),
    examples: ['national ID number 84721093'],
    counterexamples: ['84721093', 'national ID cards of 2019'],
    reason: 'a state that has no row here',
    source: 'by its label alone',
  },
]

/**
 * Numbers that the states of western and southern Europe give to a person.
 *
 * @packageDocumentation
 */
import * as vnr from 'stdnum/lib/cjs/at/vnr.js'
import * as insz from 'stdnum/lib/cjs/be/insz.js'
import * as ahv from 'stdnum/lib/cjs/ch/ssn.js'
import * as idnr from 'stdnum/lib/cjs/de/idnr.js'
import * as svnr from 'stdnum/lib/cjs/de/svnr.js'
import * as dni from 'stdnum/lib/cjs/es/dni.js'
import * as nie from 'stdnum/lib/cjs/es/nie.js'
import * as nss from 'stdnum/lib/cjs/es/nss.js'
import * as nir from 'stdnum/lib/cjs/fr/nir.js'
import * as utr from 'stdnum/lib/cjs/gb/utr.js'
import * as amka from 'stdnum/lib/cjs/gr/amka.js'
import * as vat from 'stdnum/lib/cjs/gr/vat.js'
import * as pps from 'stdnum/lib/cjs/ie/pps.js'
import * as codice from 'stdnum/lib/cjs/it/codicefiscale.js'
import * as bsn from 'stdnum/lib/cjs/nl/bsn.js'
import * as cc from 'stdnum/lib/cjs/pt/cc.js'
import * as nif from 'stdnum/lib/cjs/pt/nif.js'
import { validFor, weigh } from './checksum.ts'
import { ID_LABELS, TAX_LABELS } from './id-labels.ts'
import type { NumberRow } from './row.ts'

/** Ten digits, the last by modulus 11. */
function isNhs(compact: string): boolean {
  const check = (11 - (weigh(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  return check < 10 && String(check) === compact.charAt(9)
}

/** Prefixes that HMRC does not give out. */
const NINO = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/

export const WEST_EUROPEAN_IDS: readonly NumberRow[] = [
  {
    name: 'gb-nino',
    // In small letters only without blanks: 'at 12' is no beginning of one.
    free: ['CC~99~99~99~C', 'AA9{6}A'],
    accepts: (compact) => NINO.test(compact),
    examples: ['HH012345D', 'CE 41 72 95 C'],
    counterexamples: ['CE417295H', 'ZZ417295A', 'HH0123456D'],
    reason: 'National Insurance: work, tax and benefits',
    source: 'HMRC, NIM39110; by its prefixes, as stdnum gb/nino knows few',
  },
  {
    name: 'gb-nhs',
    labelled: ['999~999~9999'],
    labels: ['nhs', 'nhs number', 'nhs no', 'national health service'],
    accepts: isNhs,
    examples: ['NHS number 943 476 5919', 'NHS no: 9434765919'],
    counterexamples: ['NHS number 943 476 5918'],
    reason: 'opens a patient’s record',
    source: 'NHS data dictionary, NHS number',
  },
  {
    name: 'gb-utr',
    labelled: ['9{5}~9{5}'],
    labels: ['utr', 'unique taxpayer reference', ...TAX_LABELS],
    accepts: validFor(utr),
    examples: ['UTR 1955839661'],
    counterexamples: ['UTR 2955839661', '1955839661'],
    reason: 'the tax account of a person in the United Kingdom',
    source: 'stdnum gb/utr',
  },
  {
    name: 'ie-pps',
    labelled: ['9{7}A{1,2}', '9{7} A{1,2}'],
    labels: ['pps', 'ppsn', 'personal public service', ...ID_LABELS, ...TAX_LABELS],
    accepts: validFor(pps),
    examples: ['PPS number: 6433435F'],
    counterexamples: ['6433435F', 'PPS number: 6433435E'],
    reason: 'Ireland’s number of a person',
    source: 'stdnum ie/pps',
  },
  {
    name: 'fr-nir',
    free: ['9 99 99 99 999 999 99', '9 99 99 99 999 999', '9{15}'],
    labelled: ['9{13}~99', '9~99~99~XX~999~999~99'],
    labels: [
      'nir',
      'insee',
      'sécurité sociale',
      'securite sociale',
      'numéro de sécu',
      'numéro de sécurité sociale',
      ...ID_LABELS,
    ],
    accepts: validFor(nir),
    examples: ['2 95 10 99 126 111 93', '295109912611193'],
    counterexamples: ['295109912611199', '2 95 10 99 126 111 99'],
    reason: 'France’s number of a person, with birth in it',
    source: 'stdnum fr/nir',
  },
  {
    name: 'de-steuer-id',
    free: ['99 999 999 999'],
    labelled: ['99~999~999~999'],
    labels: [
      'steuer id',
      'steueridentifikationsnummer',
      'steuerliche identifikationsnummer',
      'steuernummer',
      'identifikationsnummer',
      'idnr',
      'idnr.',
      'steuer idnr',
      ...ID_LABELS,
      ...TAX_LABELS,
    ],
    accepts: validFor(idnr),
    examples: ['36 574 261 809', 'Steuer-ID: 36574261809'],
    counterexamples: ['36574261809', 'Steuer-ID: 36574261808'],
    reason: 'Germany’s tax number of a person, for life',
    source: 'stdnum de/idnr',
  },
  {
    name: 'de-svnr',
    free: ['99999999A999', '99 999999 A 999'],
    accepts: validFor(svnr),
    examples: ['15 070649 C 103', '15070649C103'],
    counterexamples: ['15070649C104', '15 073249 C 103'],
    reason: 'Germany’s pension insurance, with birth in it',
    source: 'stdnum de/svnr',
  },
  {
    name: 'de-ausweis',
    labelled: ['X{9,10}'],
    labels: [
      'personalausweis',
      'personalausweisnummer',
      'ausweisnummer',
      'ausweis',
      'reisepass',
      'reisepassnummer',
      'passnummer',
    ],
    accepts: (compact) => /\d.*\d.*\d/.test(compact),
    examples: ['Personalausweis: L01X00T471', 'Reisepass C01X00T47'],
    counterexamples: ['L01X00T471', 'Personalausweis beantragen', 'Ausweis von 2024'],
    reason: 'Germany’s identity card and passport',
    source: 'PAuswV, nine characters and a check digit that few write down',
  },
  {
    name: 'at-svnr',
    labelled: ['9{4}~9{6}'],
    labels: ['svnr', 'sv nummer', 'sozialversicherungsnummer', 'versicherungsnummer', ...ID_LABELS],
    accepts: validFor(vnr),
    examples: ['SVNR 1237 010180'],
    counterexamples: ['SVNR 2237 010180', '1237 010180'],
    reason: 'Austria’s social insurance, with birth in it',
    source: 'stdnum at/vnr',
  },
  {
    name: 'ch-ahv',
    free: ['756.9999.9999.99'],
    labelled: ['9{13}'],
    labels: ['ahv', 'avs', 'ahv nummer', 'numéro avs', 'sozialversicherungsnummer', ...ID_LABELS],
    accepts: validFor(ahv),
    examples: ['756.9217.0769.85', 'AHV 7569217076985'],
    counterexamples: ['756.9217.0769.84', '7569217076985'],
    reason: 'Switzerland’s number of a person',
    source: 'stdnum ch/ssn',
  },
  {
    name: 'nl-bsn',
    labelled: ['9{4}.99.999', '999~999~999'],
    labels: ['bsn', 'burgerservicenummer', 'sofinummer', ...ID_LABELS],
    accepts: validFor(bsn),
    examples: ['BSN 111222333', 'burgerservicenummer: 1112.22.333'],
    counterexamples: ['111222333', 'BSN 111252333'],
    reason: 'the Netherlands’ number of a person',
    source: 'stdnum nl/bsn',
  },
  {
    name: 'be-nn',
    free: ['99.99.99-999.99'],
    labelled: ['9{11}', '99~99~99~999~99'],
    labels: [
      'rijksregisternummer',
      'registre national',
      'numéro national',
      'niss',
      'insz',
      ...ID_LABELS,
    ],
    accepts: validFor(insz),
    examples: ['88.02.29-999.90', 'NISS 88022999990'],
    counterexamples: ['88.02.29-999.91', '88022999990'],
    reason: 'Belgium’s number of a person, with birth in it',
    source: 'stdnum be/insz',
  },
  {
    name: 'es-dni',
    free: ['9{8}A', '9{8}-A', '99.999.999-A'],
    labelled: ['9{8}~A', '9{7}~A'],
    labels: ['dni', 'nif', 'documento nacional de identidad'],
    accepts: (compact) => validFor(dni)(compact.padStart(9, '0')),
    examples: ['54362315-K', '54362315K'],
    counterexamples: ['54362315Z', '54362315'],
    reason: 'Spain’s identity card',
    source: 'stdnum es/dni',
  },
  {
    name: 'es-nie',
    free: ['C~9{7}~C', 'A9{7}A', 'A-9{7}A'],
    accepts: validFor(nie),
    examples: ['X-2482300W', 'X2482300W'],
    counterexamples: ['X-2482300A', 'A-2482300W'],
    reason: 'Spain’s number of a foreigner',
    source: 'stdnum es/nie',
  },
  {
    name: 'es-nss',
    labelled: ['99~9{8}~99'],
    labels: ['seguridad social', 'nss', 'número de la seguridad social', 'naf'],
    accepts: validFor(nss),
    examples: ['NSS 28 12345678 40'],
    counterexamples: ['28 12345678 40', 'NSS 77 12345678 41'],
    reason: 'Spain’s social insurance',
    source: 'stdnum es/nss',
  },
  {
    name: 'pt-cc',
    free: ['9{9}AA9', '9{8} 9 AA9', '9{8} 9AA9'],
    accepts: validFor(cc),
    examples: ['10000000 0 ZZ2', '100000000ZZ2'],
    counterexamples: ['10000000 0 ZZ4'],
    reason: 'Portugal’s identity card',
    source: 'stdnum pt/cc',
  },
  {
    name: 'pt-nif',
    labelled: ['999~999~999'],
    labels: ['nif', 'contribuinte', 'número de contribuinte', ...TAX_LABELS],
    accepts: validFor(nif),
    examples: ['NIF 501 964 843'],
    counterexamples: ['NIF 501 964 842', '501 964 843'],
    reason: 'Portugal’s tax number',
    source: 'stdnum pt/nif',
  },
  {
    name: 'it-codice-fiscale',
    free: ['A{6}XXAXXAXXXA'],
    accepts: validFor(codice),
    examples: ['RCCMNL83S18D969H'],
    counterexamples: ['RCCMNL83S18D967H', 'RCCMNL83S18D969'],
    reason: 'Italy’s number of a person, with name and birth in it',
    source: 'stdnum it/codicefiscale',
  },
  {
    name: 'gr-amka',
    labelled: ['9{11}'],
    labels: ['amka', 'αμκα', ...ID_LABELS],
    accepts: validFor(amka),
    examples: ['AMKA 01013099997', 'ΑΜΚΑ: 01013099997'],
    counterexamples: ['AMKA 01013099999', '01013099997'],
    reason: 'Greece’s social insurance, with birth in it',
    source: 'stdnum gr/amka',
  },
  {
    name: 'gr-afm',
    labelled: ['9{9}'],
    labels: ['afm', 'αφμ', 'α.φ.μ.', ...TAX_LABELS],
    accepts: validFor(vat),
    examples: ['ΑΦΜ 094259216'],
    counterexamples: ['ΑΦΜ 123456781', '094259216'],
    reason: 'Greece’s tax number',
    source: 'stdnum gr/vat',
  },
]

/**
 * Numbers of patients and of those who treat them.
 *
 * @packageDocumentation
 */
import { isVaried, passesLuhn, weigh } from './checksum.ts'
import type { NumberRow } from './row.ts'

/** What CMS puts in front of an NPI before it takes its Luhn digit. */
const NPI_PREFIX = '80840'

/** The letters that are no S, L, O, I, B or Z, by place, as CMS describes the MBI. */
const MBI =
  /^[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/

function isDea(compact: string): boolean {
  const digits = compact.slice(2)
  const sum = weigh(digits, [1, 2, 1, 2, 1, 2])
  return /^[ABCDEFGHJKLMPRSTUX]/.test(compact) && String(sum % 10) === digits.charAt(6)
}

/** Enough digits for a number, and no date. */
function isReference(_compact: string, raw: string): boolean {
  if (/-$|^-|--|^\d{4}-\d\d-\d\d$|^\d\d?-\d\d?-\d{2,4}$/.test(raw)) return false
  return (raw.match(/\d/g)?.length ?? 0) >= 4 && !/^(?:19|20)\d\d$/.test(raw)
}

/** First digit 2 to 6, a check digit in ninth place. */
function isMedicareOfAustralia(compact: string): boolean {
  return (
    /^[2-6]/.test(compact) &&
    String(weigh(compact, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) === compact.charAt(8)
  )
}

/** The letter as two digits, each second digit doubled, as in Luhn. */
function isKvnr(compact: string): boolean {
  const letter = String(compact.charCodeAt(0) - 64).padStart(2, '0')
  const digits = letter + compact.slice(1, 9)
  const sum = Array.from(digits).reduce((total, digit, i) => {
    const product = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (product > 9 ? product - 9 : product)
  }, 0)
  return String(sum % 10) === compact.charAt(9)
}

export const HEALTH_NUMBERS: readonly NumberRow[] = [
  {
    name: 'mbi',
    free: ['9XX9-XX9-AA99', '9XX9XX9AA99'],
    labels: ['medicare', 'mbi', 'medicare id', 'medicare number', 'medicare beneficiary'],
    accepts: (compact) => MBI.test(compact),
    examples: ['1EG4-TE5-MK73', '1EG4TE5MK73'],
    counterexamples: ['1EG4-TE5-SK73', '0EG4-TE5-MK73'],
    reason: 'Medicare’s number of a patient',
    source: 'CMS, Medicare Beneficiary Identifier',
  },
  {
    name: 'npi',
    labelled: ['9{10}', '9999 999 999', '999-999-9999', '9999-999-999'],
    labels: [
      'npi',
      'national provider',
      'national provider id',
      'national provider identifier',
      'provider identifier',
    ],
    accepts: isVaried,
    examples: ['NPI: 1234567893', 'National Provider Identifier 1003000126'],
    counterexamples: ['NPI: 123456789', '1234567893'],
    reason: 'names a physician; behind its name also with a wrong check digit',
    source: 'CMS, NPI',
  },
  {
    name: 'npi-unnamed',
    labelled: ['9{10}'],
    labels: ['provider', 'provider id', 'physician', 'practitioner', 'prescriber'],
    accepts: (compact) => /^[12]/.test(compact) && passesLuhn(NPI_PREFIX + compact),
    examples: ['provider 1602345674'],
    counterexamples: ['provider 1602345675', '1602345674'],
    reason: 'the same where it is called less exactly, with its check digit',
    source: 'CMS, NPI check digit',
  },
  {
    name: 'dea',
    free: ['AA9{7}'],
    accepts: isDea,
    examples: ['AB1234563'],
    counterexamples: ['AB1234564', 'ZB1234563'],
    reason: 'lets its holder prescribe what is controlled',
    source: 'DEA, registration number',
  },
  {
    name: 'dea-named',
    labelled: ['AA9{7}'],
    labels: ['dea', 'dea number', 'dea no', 'dea #'],
    examples: ['DEA #: FX1234567'],
    counterexamples: ['FX1234567', 'DEA agents since 2020'],
    reason: 'the same behind its name, also with a wrong check digit',
    source: 'DEA, registration number',
  },
  {
    name: 'au-medicare',
    labelled: ['9999~9{5}~9', '9999~9{5}~9~9', '9{11}'],
    labels: ['medicare', 'medicare number', 'medicare card'],
    accepts: isMedicareOfAustralia,
    examples: ['Medicare 3498 72012 1'],
    counterexamples: ['3498 72012 1', 'Medicare 1498 72012 1'],
    reason: 'Australia’s number of a patient',
    source: 'Services Australia, Medicare card check digit',
  },
  {
    name: 'de-kvnr',
    labelled: ['A9{9}'],
    labels: [
      'kvnr',
      'egk',
      'egk nummer',
      'versichertennummer',
      'krankenversichertennummer',
      'krankenversicherung',
      'krankenkasse',
    ],
    accepts: isKvnr,
    examples: ['Versichertennummer T987654328'],
    counterexamples: ['Versichertennummer T987654327', 'T987654328'],
    reason: 'Germany’s number of a patient',
    source: 'SGB V §290',
  },
  {
    name: 'mrn',
    labelled: ['M{4,20}'],
    labels: [
      'mrn',
      'mr#',
      'mrn#',
      'medical record',
      'medical record number',
      'medical record no',
      'medical record #',
      'med rec',
      'med rec no',
      'health record',
      'patient id',
      'patient identifier',
      'patient number',
      'patient no',
      'patient #',
      'patient record',
      'record #',
      'chart number',
      'chart no',
      'chart #',
      'hospital number',
      'hospital no',
      'hospital id',
      'chart id',
      'mr no',
      'mr number',
      'med record',
      'medical rec',
      'patient account',
      'patient file',
      'encounter id',
      'encounter number',
      'visit number',
      'admission number',
      'patientennummer',
      'fallnummer',
      'numéro de patient',
      'historia clínica',
      'número de historia clínica',
      'prontuário',
      'patiëntnummer',
      'cartella clinica',
      '患者番号',
      '病历号',
    ],
    accepts: isReference,
    examples: ['MRN: 00482913', 'medical record number A-4471-2209', 'Patient ID: PT-10293'],
    counterexamples: ['00482913', 'medical record of 2024', 'MRN: 2024-01-05'],
    reason: 'opens a patient’s record; each hospital has its own form, so only behind its name',
    source: 'HIPAA 45 CFR 164.514(b)(2)(i)(H)',
  },
  {
    name: 'member',
    labelled: ['M{6,20}'],
    labels: [
      'member id',
      'member number',
      'member #',
      'subscriber id',
      'subscriber number',
      'beneficiary id',
      'beneficiary number',
      'health plan',
      'health insurance',
      'health insurance id',
      'insurance id',
      'insurance number',
      'insurance policy',
      'health card',
      'medicaid',
      'medicaid id',
      'medicare id',
      'medicare number',
      'carte vitale',
      'tarjeta sanitaria',
      'tessera sanitaria',
    ],
    accepts: (compact, raw) => isReference(compact, raw) && /\d.*\d.*\d.*\d.*\d/.test(compact),
    examples: ['Member ID: XYZ123456789', 'Medicaid ID 12345678A'],
    counterexamples: ['XYZ123456789', 'health plan of 2024', 'Member ID: 2024-01-05'],
    reason: 'bills care in the name of a patient',
    source: 'HIPAA 45 CFR 164.514(b)(2)(i)(I)',
  },
  {
    name: 'licence',
    labelled: ['A{0,4}-9{4,10}', 'A{1,4}9{4,10}', '9{5,10}'],
    labels: [
      'medical license',
      'medical licence',
      'nursing license',
      'physician license',
      'lanr',
      'bsnr',
      'betriebsstättennummer',
      'arztnummer',
    ],
    accepts: isVaried,
    examples: ['medical license number G48213', 'LANR: 284719301'],
    counterexamples: ['G48213', 'medical license of 2024'],
    reason: 'names a physician; each state has its own form, so only behind its name',
    source: 'HIPAA 45 CFR 164.514(b)(2)(i)(K)',
  },
]

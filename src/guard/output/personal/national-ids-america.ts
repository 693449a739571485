/**
 * Numbers that the states of the Americas give to a person.
 *
 * @packageDocumentation
 */
import * as cuit from 'stdnum/lib/cjs/ar/cuit.js'
import * as cnpj from 'stdnum/lib/cjs/br/cnpj.js'
import * as cpf from 'stdnum/lib/cjs/br/cpf.js'
import * as sin from 'stdnum/lib/cjs/ca/sin.js'
import * as rut from 'stdnum/lib/cjs/cl/rut.js'
import * as nit from 'stdnum/lib/cjs/co/nit.js'
import * as cedulaDo from 'stdnum/lib/cjs/do/cedula.js'
import * as ci from 'stdnum/lib/cjs/ec/ci.js'
import * as cui from 'stdnum/lib/cjs/gt/cui.js'
import * as curp from 'stdnum/lib/cjs/mx/curp.js'
import * as rfc from 'stdnum/lib/cjs/mx/rfc.js'
import * as cuiPe from 'stdnum/lib/cjs/pe/cui.js'
import * as ssn from 'stdnum/lib/cjs/us/ssn.js'
import * as cedulaUy from 'stdnum/lib/cjs/uy/cedula.js'
import * as rif from 'stdnum/lib/cjs/ve/rif.js'
import { isVaried, validFor } from './checksum.ts'
import { ID_LABELS, TAX_LABELS } from './id-labels.ts'
import type { NumberRow } from './row.ts'

const SSN_LABELS = ['ssn', 'social security', 'social security number', 'soc sec', 'ss#', 'ssn#']

/** An area that was never given out does not make it less of one: people mistype them. */
function isSsn(compact: string): boolean {
  return isVaried(compact) && !/^(?:000|...00|.{5}0000)/.test(compact)
}

export const AMERICAN_IDS: readonly NumberRow[] = [
  {
    name: 'us-itin',
    free: ['999-99-9999'],
    labelled: ['999 99 9999', '999~99~9999'],
    labels: ['itin', 'individual taxpayer', 'taxpayer', ...TAX_LABELS, ...SSN_LABELS],
    accepts: (compact) => /^9..(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(compact),
    examples: ['912-70-1234', 'ITIN: 912701234'],
    counterexamples: ['812701234', 'part 912701234'],
    reason: 'stands for the SSN of those who have none',
    source: 'IRS, ITIN ranges',
  },
  {
    name: 'us-ssn',
    free: ['999-99-9999'],
    labelled: ['999~99~9999'],
    labels: SSN_LABELS,
    accepts: isSsn,
    examples: ['536-90-4399', 'SSN 536904399', 'social_security_number: "536 90 4399"'],
    counterexamples: ['536-90-43990', '000-12-3456', 'SSN 536-00-4399', '111-11-1111', '536904399'],
    reason: 'opens accounts in the name of its holder',
    source: 'SSA, number randomization; any area, since false ones are written down too',
  },
  {
    name: 'us-ssn-spaced',
    free: ['999 99 9999'],
    accepts: validFor(ssn),
    examples: ['536 90 4399'],
    counterexamples: ['936 90 4399', '536 90 4399 12'],
    reason: 'the same with blanks, where less is sure: only areas that are given out',
    source: 'stdnum us/ssn',
  },
  {
    name: 'us-ein',
    labelled: ['99~9999999'],
    labels: ['ein', 'employer identification', 'employer id', 'fein', ...TAX_LABELS],
    accepts: isVaried,
    examples: ['EIN 12-3456789'],
    counterexamples: ['12-3456789', 'EIN 12-345678'],
    reason: 'a sole trader has one',
    source: 'IRS, EIN',
  },
  {
    name: 'ca-sin',
    labelled: ['999~999~999'],
    labels: [
      'sin',
      'social insurance',
      'nas',
      'numéro d assurance sociale',
      "numéro d'assurance sociale",
      ...ID_LABELS,
    ],
    accepts: validFor(sin),
    examples: ['SIN: 123-456-782', 'mon NAS est 123 456 782'],
    counterexamples: ['123-456-782', 'SIN: 123-456-789'],
    reason: 'Canada’s key to work, tax and benefits',
    source: 'stdnum ca/sin',
  },
  {
    name: 'br-cpf',
    free: ['999.999.999-99'],
    labelled: ['9{9}~99'],
    labels: ['cpf', 'cadastro de pessoas', ...ID_LABELS, ...TAX_LABELS],
    accepts: validFor(cpf),
    examples: ['390.533.447-05', 'CPF 39053344705'],
    counterexamples: ['390.533.447-06', '39053344705'],
    reason: 'Brazil’s number of a person',
    source: 'stdnum br/cpf',
  },
  {
    name: 'br-cnpj',
    free: ['99.999.999/9999-99'],
    labelled: ['9{14}'],
    labels: ['cnpj', ...TAX_LABELS],
    accepts: validFor(cnpj),
    examples: ['16.727.230/0001-97', 'CNPJ: 16727230000197'],
    counterexamples: ['16.727.230/0001-98', '16727230000197'],
    reason: 'names a business that may be one person',
    source: 'stdnum br/cnpj',
  },
  {
    name: 'mx-curp',
    free: ['AAAA999999AAAAAAX9'],
    accepts: validFor(curp),
    examples: ['BOXW310820HNERXN09'],
    counterexamples: ['BOXW310820HNERXN08'],
    reason: 'Mexico’s number of a person, with name and birth in it',
    source: 'stdnum mx/curp',
  },
  {
    name: 'mx-rfc',
    free: ['AAAA999999XXX', 'AAAA-999999-XXX', 'CCCC 999999 XXX'],
    accepts: validFor(rfc),
    examples: ['GODE561231GR8', 'GODE 561231 GR8'],
    counterexamples: ['GODE561331GR8'],
    reason: 'Mexico’s tax number, with name and birth in it',
    source: 'stdnum mx/rfc',
  },
  {
    name: 'ar-cuit',
    free: ['99-99999999-9'],
    labelled: ['9{11}'],
    labels: ['cuit', 'cuil', ...TAX_LABELS],
    accepts: validFor(cuit),
    examples: ['20-05536168-2', 'CUIT 20055361682'],
    counterexamples: ['20-05536168-3'],
    reason: 'Argentina’s tax number of a person',
    source: 'stdnum ar/cuit',
  },
  {
    name: 'ar-dni',
    labelled: ['99.999.999', '9{7,8}'],
    labels: ['dni', 'documento nacional de identidad'],
    examples: ['DNI 20.123.456'],
    counterexamples: ['20.123.456', 'DNI 20.123'],
    reason: 'Argentina’s identity card; no checksum, so only behind its name',
    source: 'RENAPER, DNI',
  },
  {
    name: 'cl-rut',
    free: ['99.999.999-X', '9.999.999-X'],
    labelled: ['9{7,8}-X'],
    labels: ['rut', 'run', 'rol único', 'cédula de identidad', ...ID_LABELS, ...TAX_LABELS],
    accepts: validFor(rut),
    examples: ['12.531.909-2', 'RUT 12531909-2'],
    counterexamples: ['12.531.909-3', '12531909-2'],
    reason: 'Chile’s number of a person',
    source: 'stdnum cl/rut',
  },
  {
    name: 'co-nit',
    labelled: ['999.999.999-9', '9{9}-9', '9{10}'],
    labels: ['nit', 'cédula de ciudadanía', 'número de identificación tributaria', ...TAX_LABELS],
    accepts: validFor(nit),
    examples: ['NIT 213.123.432-1'],
    counterexamples: ['213.123.432-1', 'NIT 213.123.432-2'],
    reason: 'Colombia’s tax number',
    source: 'stdnum co/nit',
  },
  {
    name: 'pe-cui',
    labelled: ['9{8}-X'],
    labels: ['dni', 'cui', 'documento nacional de identidad', ...ID_LABELS],
    accepts: validFor(cuiPe),
    examples: ['DNI: 10117410-2'],
    counterexamples: ['DNI: 10117410-3', '10117410-2'],
    reason: 'Peru’s identity card',
    source: 'stdnum pe/cui',
  },
  {
    name: 'ec-ci',
    labelled: ['9{9}~9'],
    labels: ['cédula', 'cedula', 'cédula de identidad', 'ci', ...ID_LABELS],
    accepts: validFor(ci),
    examples: ['cédula 171430710-3'],
    counterexamples: ['cédula 171430710-4', '171430710-3'],
    reason: 'Ecuador’s identity card',
    source: 'stdnum ec/ci',
  },
  {
    name: 'uy-ci',
    free: ['9.999.999-9'],
    labelled: ['9{7}~9'],
    labels: ['cédula', 'cedula', 'cédula de identidad', 'ci', ...ID_LABELS],
    accepts: validFor(cedulaUy),
    examples: ['1.234.567-2', 'cédula 12345672'],
    counterexamples: ['1.234.567-3', '12345672'],
    reason: 'Uruguay’s identity card',
    source: 'stdnum uy/cedula',
  },
  {
    name: 've-rif',
    free: ['A-99999999-9'],
    accepts: validFor(rif),
    examples: ['V-11470283-4'],
    counterexamples: ['V-11470283-3', 'A-11470283-4'],
    reason: 'Venezuela’s tax number',
    source: 'stdnum ve/rif',
  },
  {
    name: 'do-cedula',
    free: ['999-9999999-9'],
    labelled: ['9{11}'],
    labels: ['cédula', 'cedula', 'cédula de identidad', ...ID_LABELS],
    accepts: validFor(cedulaDo),
    examples: ['001-1391820-5', 'cédula 00113918205'],
    counterexamples: ['001-1391820-4', '00113918205'],
    reason: 'the Dominican Republic’s identity card',
    source: 'stdnum do/cedula',
  },
  {
    name: 'gt-cui',
    labelled: ['9999~99999~9999'],
    labels: ['cui', 'dpi', 'código único de identificación', ...ID_LABELS],
    accepts: validFor(cui),
    examples: ['CUI 1580352240101'],
    counterexamples: ['CUI 1680352240101', '1580352240101'],
    reason: 'Guatemala’s number of a person',
    source: 'stdnum gt/cui',
  },
]

/**
 * Numbers that the states of Asia give to a person.
 *
 * @packageDocumentation
 */
import * as ric from 'stdnum/lib/cjs/cn/ric.js'
import * as hkid from 'stdnum/lib/cjs/hk/hkid.js'
import * as npwp from 'stdnum/lib/cjs/id/npwp.js'
import * as zehut from 'stdnum/lib/cjs/il/idnr.js'
import * as aadhaar from 'stdnum/lib/cjs/in/aadhaar.js'
import * as epic from 'stdnum/lib/cjs/in/epic.js'
import * as pan from 'stdnum/lib/cjs/in/pan.js'
import * as rrn from 'stdnum/lib/cjs/kr/rrn.js'
import * as nicLk from 'stdnum/lib/cjs/lk/nic.js'
import * as nric from 'stdnum/lib/cjs/my/nric.js'
import * as cnic from 'stdnum/lib/cjs/pk/cnic.js'
import * as pin from 'stdnum/lib/cjs/th/idnr.js'
import * as kimlik from 'stdnum/lib/cjs/tr/tckimlik.js'
import * as natid from 'stdnum/lib/cjs/tw/natid.js'
import { hasDate, isVaried, validFor, weigh } from './checksum.ts'
import { ID_LABELS, TAX_LABELS } from './id-labels.ts'
import type { NumberRow } from './row.ts'

/** Eleven digits and a check digit by modulus 11. */
function isMyNumber(compact: string): boolean {
  const rest = weigh(compact, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return isVaried(compact) && compact.charAt(11) === String(rest <= 1 ? 0 : 11 - rest)
}

/** First letter → the letters that its check digit stands for, and what its series adds. */
const NRIC: Readonly<Record<string, readonly [string, number]>> = {
  S: ['JZIHGFEDCBA', 0],
  T: ['JZIHGFEDCBA', 4],
  F: ['XWUTRQPNMLK', 0],
  G: ['XWUTRQPNMLK', 4],
  M: ['XWUTRQPNJLK', 3],
}

function isNric(compact: string): boolean {
  const [letters, offset] = NRIC[compact.charAt(0)] ?? ['', 0]
  const rest = (weigh(compact.slice(1), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11
  const place = compact.startsWith('M') ? 10 - rest : rest
  return letters.charAt(place) === compact.charAt(8)
}

/** Sex and century are 1 to 8 behind the birth; numbers since October 2020 have no check digit. */
function isRrn(compact: string): boolean {
  return hasDate(compact, 'yymmdd') && /^.{6}[1-8]/.test(compact)
}

/** Province, and a birth in which women have 40 added to the day. */
function isNik(compact: string): boolean {
  const day = Number(compact.slice(6, 8)) % 40
  const month = Number(compact.slice(8, 10))
  return /^[1-9]/.test(compact) && day >= 1 && day <= 31 && month >= 1 && month <= 12
}

export const ASIAN_IDS: readonly NumberRow[] = [
  {
    name: 'in-aadhaar',
    free: ['9999 9999 9999', '9999-9999-9999'],
    labelled: ['9{12}', '9999~9999~9999', '9999:9999:9999'],
    labels: ['aadhaar', 'aadhar', 'uidai', 'uid', 'आधार', ...ID_LABELS],
    accepts: validFor(aadhaar),
    examples: ['2341 2341 2346', 'Aadhaar 234123412346'],
    counterexamples: ['2341 2341 2347', '234123412346', '2341 2341 2346 7'],
    reason: 'India’s number of a person',
    source: 'stdnum in/aadhaar (Verhoeff)',
  },
  {
    name: 'in-pan',
    free: ['AAAAA9999A'],
    accepts: validFor(pan),
    examples: ['ACUPA7085R'],
    counterexamples: ['ABMXA3211G', 'ACUPA70852'],
    reason: 'India’s tax number',
    source: 'stdnum in/pan',
  },
  {
    name: 'in-epic',
    labelled: ['AAA9{7}'],
    labels: ['epic', 'voter id', 'voter', 'elector', 'vote'],
    accepts: validFor(epic),
    examples: ['voter ID WKH1186253'],
    counterexamples: ['WKH1186253', 'voter ID WKH1186254'],
    reason: 'India’s voter card',
    source: 'stdnum in/epic',
  },
  {
    name: 'cn-ric',
    free: ['9{17}X'],
    accepts: validFor(ric),
    examples: ['360426199101010071'],
    counterexamples: ['360426199101010072'],
    reason: 'China’s number of a person, with birth in it',
    source: 'stdnum cn/ric',
  },
  {
    name: 'tw-natid',
    free: ['A9{9}'],
    accepts: validFor(natid),
    examples: ['A200501505'],
    counterexamples: ['A200501506', 'A300501505'],
    reason: 'Taiwan’s number of a person',
    source: 'stdnum tw/natid',
  },
  {
    name: 'hk-hkid',
    free: ['A{1,2}9{6}(X)'],
    labelled: ['A{1,2}9{6}X'],
    labels: ['hkid', 'hong kong id', 'hong kong identity', '身份證', ...ID_LABELS],
    accepts: validFor(hkid),
    examples: ['G123456(A)', 'HKID G123456A'],
    counterexamples: ['G123456(B)', 'G123456A'],
    reason: 'Hong Kong’s identity card',
    source: 'stdnum hk/hkid',
  },
  {
    name: 'jp-my-number',
    labelled: ['9999~9999~9999'],
    labels: ['my number', 'マイナンバー', '個人番号', 'individual number', ...ID_LABELS],
    accepts: isMyNumber,
    examples: ['My Number: 1234 5678 9018', 'マイナンバー 123456789018'],
    counterexamples: ['My Number: 1234 5678 9019', '1234 5678 9018'],
    reason: 'Japan’s number of a person',
    source: 'Ministry ordinance no. 85 of 2014, article 5',
  },
  {
    name: 'kr-rrn',
    free: ['999999-9999999'],
    labelled: ['9{13}'],
    labels: ['rrn', 'frn', '주민등록번호', '외국인등록번호', 'resident registration', ...ID_LABELS],
    accepts: (compact) => isRrn(compact) || validFor(rrn)(compact),
    examples: ['971013-9019902', '850715-1234567', '주민등록번호 8507151234567'],
    counterexamples: ['850732-1234567', '850715-0234567', '8507151234567'],
    reason: 'South Korea’s number of a person, with birth in it',
    source: 'stdnum kr/rrn; without its checksum, which ended in 2020',
  },
  {
    name: 'sg-nric',
    free: ['A9{7}A'],
    accepts: isNric,
    examples: ['S1234567D', 'F1234567N'],
    counterexamples: ['S1234567A', 'A1234567D'],
    reason: 'Singapore’s number of a person',
    source: 'ICA, NRIC and FIN',
  },
  {
    name: 'my-nric',
    free: ['999999-99-9999'],
    labelled: ['9{12}'],
    labels: ['mykad', 'nric', 'kad pengenalan', 'ic number', 'ic no', ...ID_LABELS],
    accepts: validFor(nric),
    examples: ['770305-02-1234', 'MyKad 770305021234'],
    counterexamples: ['771305-02-1234', '770305021234'],
    reason: 'Malaysia’s number of a person, with birth in it',
    source: 'stdnum my/nric',
  },
  {
    name: 'th-pin',
    free: ['9-9999-99999-99-9'],
    labelled: ['9{13}', '9 9999 99999 99 9'],
    labels: ['thai id', 'tnin', 'เลขประจำตัวประชาชน', 'บัตรประชาชน', ...ID_LABELS],
    accepts: validFor(pin),
    examples: ['3-1005-00012-34-6', 'Thai ID 1101700230708'],
    counterexamples: ['3-1005-00012-34-1', '1101700230708'],
    reason: 'Thailand’s number of a person',
    source: 'stdnum th/idnr',
  },
  {
    name: 'id-nik',
    labelled: ['9{16}'],
    labels: ['nik', 'ktp', 'nomor induk kependudukan'],
    accepts: isNik,
    examples: ['NIK 3171011508900123', 'KTP: 3204110609970001'],
    counterexamples: ['3204110609970001', 'NIK 3204119913970001'],
    reason: 'Indonesia’s number of a person, with birth in it',
    source: 'Dukcapil, structure of the NIK',
  },
  {
    name: 'id-npwp',
    free: ['99.999.999.9-999.999'],
    labelled: ['9{15}'],
    labels: ['npwp', ...TAX_LABELS],
    accepts: validFor(npwp),
    examples: ['01.312.166.0-091.000'],
    counterexamples: ['01.312.167.0-091.000', '016090524017000'],
    reason: 'Indonesia’s tax number',
    source: 'stdnum id/npwp',
  },
  {
    name: 'ph-tin',
    labelled: ['999-999-999-999', '999-999-999-99999', '999-999-999', '9{12}', '9{9}'],
    labels: ['tin', 'bir', 'bir tin'],
    accepts: isVaried,
    examples: ['BIR TIN 123-456-789-000'],
    counterexamples: ['123-456-789-000', 'BIR TIN 123-456'],
    reason: 'the Philippines’ tax number; its checksum is not published',
    source: 'BIR, TIN',
  },
  {
    name: 'ph-philsys',
    labelled: ['9999-9999-9999-9999', '9999-9999999-9', '99-9999999-9', '9{12}'],
    labels: ['philsys', 'pcn', 'psn', 'crn', 'sss', 'umid', 'philhealth', 'national id'],
    accepts: isVaried,
    examples: ['PhilSys 1234-5678-9012-3456', 'SSS: 34-1234567-8'],
    counterexamples: ['1234-5678-9012-3456', '34-1234567-8'],
    reason: 'the Philippines’ identity and social insurance',
    source: 'PSA, PhilSys; SSS',
  },
  {
    name: 'pk-cnic',
    free: ['99999-9999999-9'],
    labelled: ['9{13}'],
    labels: ['cnic', 'nadra', ...ID_LABELS],
    accepts: (compact, raw) => isVaried(compact) && (raw.includes('-') || validFor(cnic)(compact)),
    examples: ['54104-9890578-6', 'CNIC 5410498905786'],
    counterexamples: ['54104-9890578', '5410498905786', '11111-1111111-1'],
    reason: 'Pakistan’s identity card',
    source: 'stdnum pk/cnic',
  },
  {
    name: 'lk-nic',
    labelled: ['9{9}A', '9{12}'],
    labels: ['nic', 'nic number', 'sri lanka nic'],
    accepts: validFor(nicLk),
    examples: ['NIC 942281632V'],
    counterexamples: ['NIC 942281632B', '942281632V'],
    reason: 'Sri Lanka’s identity card, with birth in it',
    source: 'stdnum lk/nic',
  },
  {
    name: 'vn-cccd',
    labelled: ['9{12}', '9{9}'],
    labels: ['cccd', 'cmnd', 'căn cước', 'chứng minh nhân dân'],
    accepts: isVaried,
    examples: ['CCCD 001203004567'],
    counterexamples: ['001203004567', 'CCCD 0012'],
    reason: 'Vietnam’s identity card; no checksum, so only behind its name',
    source: 'Circular 59/2021/TT-BCA',
  },
  {
    name: 'tr-kimlik',
    labelled: ['9{11}'],
    labels: ['tckn', 'tc kimlik', 't.c. kimlik', 'kimlik', 'turkish id', ...ID_LABELS],
    accepts: validFor(kimlik),
    examples: ['TC Kimlik No: 17291716060'],
    counterexamples: ['TC Kimlik No: 17291716050', '17291716060'],
    reason: 'Turkey’s number of a person',
    source: 'stdnum tr/tckimlik',
  },
  {
    name: 'il-zehut',
    labelled: ['9{8}~9'],
    labels: ['teudat zehut', 'mispar zehut', 'תעודת זהות', 'ת.ז.', 'israeli id', ...ID_LABELS],
    accepts: validFor(zehut),
    examples: ['teudat zehut 123456782'],
    counterexamples: ['teudat zehut 123456789', '123456782'],
    reason: 'Israel’s number of a person',
    source: 'stdnum il/idnr',
  },
]

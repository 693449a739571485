/**
 * Numbers that the states of northern and eastern Europe give to a person.
 *
 * @packageDocumentation
 */
import * as egn from 'stdnum/lib/cjs/bg/egn.js'
import * as rcCz from 'stdnum/lib/cjs/cz/rc.js'
import * as cpr from 'stdnum/lib/cjs/dk/cpr.js'
import * as ik from 'stdnum/lib/cjs/ee/ik.js'
import * as hetu from 'stdnum/lib/cjs/fi/hetu.js'
import * as oib from 'stdnum/lib/cjs/hr/oib.js'
import * as kennitala from 'stdnum/lib/cjs/is/kennitala.js'
import * as asmens from 'stdnum/lib/cjs/lt/asmens.js'
import * as pvn from 'stdnum/lib/cjs/lv/pvn.js'
import * as idno from 'stdnum/lib/cjs/md/idno.js'
import * as fodselsnummer from 'stdnum/lib/cjs/no/fodselsnummer.js'
import * as pesel from 'stdnum/lib/cjs/pl/pesel.js'
import * as cnp from 'stdnum/lib/cjs/ro/cnp.js'
import * as jmbg from 'stdnum/lib/cjs/rs/jmbg.js'
import * as inn from 'stdnum/lib/cjs/ru/inn.js'
import * as personnummer from 'stdnum/lib/cjs/se/personnummer.js'
import * as emso from 'stdnum/lib/cjs/si/emso.js'
import * as rcSk from 'stdnum/lib/cjs/sk/rc.js'
import * as rntrc from 'stdnum/lib/cjs/ua/rntrc.js'
import { validAsWritten, validFor, weigh } from './checksum.ts'
import { ID_LABELS, TAX_LABELS } from './id-labels.ts'
import type { NumberRow } from './row.ts'

/** With the dash or plus that says the century; a number without one is tried with a dash. */
function isPersonnummer(compact: string, raw: string): boolean {
  if (/[-+]/.test(raw)) return validAsWritten(personnummer)(compact, raw)
  return personnummer.validate(`${compact.slice(0, -4)}-${compact.slice(-4)}`).isValid
}

/** Nine digits and two that are their weighted sum, modulo 101 and then 100. */
function isSnils(compact: string): boolean {
  const sum = weigh(compact, [9, 8, 7, 6, 5, 4, 3, 2, 1])
  return String((sum % 101) % 100).padStart(2, '0') === compact.slice(9)
}

export const NORTH_EAST_EUROPEAN_IDS: readonly NumberRow[] = [
  {
    name: 'se-personnummer',
    free: ['999999-9999', '99999999-9999', '999999+9999'],
    labelled: ['9{10}', '9{12}'],
    labels: ['personnummer', 'pnr', 'samordningsnummer', ...ID_LABELS],
    accepts: isPersonnummer,
    examples: ['880320-0016', '19880320-0016', 'personnummer 8803200016'],
    counterexamples: ['880320-0018', '556703-7485', '8803200016'],
    reason: 'Sweden’s number of a person, with birth in it',
    source: 'stdnum se/personnummer',
  },
  {
    name: 'fi-hetu',
    free: ['999999-999X', '999999+999X', '999999A999X'],
    labelled: ['999999X999X'],
    labels: ['hetu', 'henkilötunnus', 'sotu', ...ID_LABELS],
    accepts: validAsWritten(hetu),
    examples: ['131052-308T', '010504A903U', 'hetu 010594Y9032'],
    counterexamples: ['131052-308U', '320504A903U'],
    reason: 'Finland’s number of a person, with birth in it',
    source: 'stdnum fi/hetu',
  },
  {
    name: 'no-fodselsnummer',
    free: ['999999 99999'],
    labelled: ['999999~99999'],
    labels: ['fødselsnummer', 'fodselsnummer', 'personnummer', 'd nummer', ...ID_LABELS],
    accepts: validFor(fodselsnummer),
    examples: ['151086 95088', 'fødselsnummer: 15108695088'],
    counterexamples: ['151086 95077', '15108695088'],
    reason: 'Norway’s number of a person, with birth in it',
    source: 'stdnum no/fodselsnummer',
  },
  {
    name: 'is-kennitala',
    free: ['999999-9999'],
    labelled: ['999999~9999'],
    labels: ['kennitala', ...ID_LABELS],
    accepts: validFor(kennitala),
    examples: ['kennitala 1201743399', '120174-3399'],
    counterexamples: ['320174-3399', '1201743399'],
    reason: 'Iceland’s number of a person, with birth in it',
    source: 'stdnum is/kennitala',
  },
  {
    name: 'dk-cpr',
    free: ['999999-9999'],
    labelled: ['999999~9999'],
    labels: ['cpr', 'cpr nummer', 'cpr nr', 'personnummer', ...ID_LABELS],
    accepts: validFor(cpr),
    examples: ['010180-1234', 'CPR 0101801234'],
    counterexamples: ['511062-5629', '0101801234', '550180-1234'],
    reason: 'Denmark’s number of a person, with birth in it',
    source: 'stdnum dk/cpr',
  },
  {
    name: 'ee-isikukood',
    labelled: ['9{11}'],
    labels: ['isikukood', ...ID_LABELS],
    accepts: validFor(ik),
    examples: ['isikukood 36805280109'],
    counterexamples: ['isikukood 36805280108', '36805280109'],
    reason: 'Estonia’s number of a person, with birth in it',
    source: 'stdnum ee/ik',
  },
  {
    name: 'lv-personas-kods',
    free: ['999999-99999'],
    labelled: ['9{11}'],
    labels: ['personas kods', ...ID_LABELS],
    accepts: validFor(pvn),
    examples: ['161175-19997', 'personas kods 16117519997'],
    counterexamples: ['161375-19997', '16117519997'],
    reason: 'Latvia’s number of a person',
    source: 'stdnum lv/pvn',
  },
  {
    name: 'lt-asmens-kodas',
    labelled: ['9{11}'],
    labels: ['asmens kodas', ...ID_LABELS],
    accepts: validFor(asmens),
    examples: ['asmens kodas 33309240064'],
    counterexamples: ['asmens kodas 33309240164', '33309240064'],
    reason: 'Lithuania’s number of a person, with birth in it',
    source: 'stdnum lt/asmens',
  },
  {
    name: 'pl-pesel',
    labelled: ['9{11}'],
    labels: ['pesel', 'numer pesel', ...ID_LABELS],
    accepts: validFor(pesel),
    examples: ['PESEL: 44051401359'],
    counterexamples: ['PESEL: 44051401358', '44051401359'],
    reason: 'Poland’s number of a person, with birth in it',
    source: 'stdnum pl/pesel',
  },
  {
    name: 'cz-sk-rc',
    free: ['999999/9999', '999999/999'],
    labelled: ['9{9,10}'],
    labels: ['rodné číslo', 'rodne cislo', 'rč', ...ID_LABELS],
    accepts: validFor(rcCz, rcSk),
    examples: ['710319/2745', 'rodné číslo 7103192745'],
    counterexamples: ['710319/2746', '7103192745'],
    reason: 'birth number of Czechs and Slovaks',
    source: 'stdnum cz/rc, sk/rc',
  },
  {
    name: 'ro-cnp',
    labelled: ['9{13}'],
    labels: ['cnp', 'cod numeric personal', ...ID_LABELS],
    accepts: validFor(cnp),
    examples: ['CNP 1630615123457'],
    counterexamples: ['CNP 1630615123458', '1630615123457'],
    reason: 'Romania’s number of a person, with birth in it',
    source: 'stdnum ro/cnp',
  },
  {
    name: 'bg-egn',
    labelled: ['9{10}'],
    labels: ['egn', 'егн', 'единен граждански номер', ...ID_LABELS],
    accepts: validFor(egn),
    examples: ['ЕГН 8032056031'],
    counterexamples: ['ЕГН 8032056032', '8032056031'],
    reason: 'Bulgaria’s number of a person, with birth in it',
    source: 'stdnum bg/egn',
  },
  {
    name: 'hr-oib',
    labelled: ['9{11}'],
    labels: ['oib', 'osobni identifikacijski broj', ...ID_LABELS, ...TAX_LABELS],
    accepts: validFor(oib),
    examples: ['OIB: 33392005961'],
    counterexamples: ['OIB: 33392005962', '33392005961'],
    reason: 'Croatia’s number of a person',
    source: 'stdnum hr/oib',
  },
  {
    name: 'jmbg',
    labelled: ['9{13}'],
    labels: ['jmbg', 'emšo', 'emso', 'емшо', 'јмбг', 'матични број', ...ID_LABELS],
    accepts: validFor(jmbg, emso),
    examples: ['JMBG 0101006500006'],
    counterexamples: ['JMBG 0101006500007', '0101006500006'],
    reason: 'number of a person in Serbia, Slovenia and their neighbours, with birth in it',
    source: 'stdnum rs/jmbg, si/emso',
  },
  {
    name: 'md-idnp',
    labelled: ['9{13}'],
    labels: ['idnp', 'idno', ...ID_LABELS],
    accepts: validFor(idno),
    examples: ['IDNP 1008600038413'],
    counterexamples: ['IDNP 1008600038412', '1008600038413'],
    reason: 'Moldova’s number of a person',
    source: 'stdnum md/idno',
  },
  {
    name: 'ua-rntrc',
    labelled: ['9{10}'],
    labels: ['рнокпп', 'інн', 'ідентифікаційний код', 'rntrc', ...TAX_LABELS, ...ID_LABELS],
    accepts: validFor(rntrc),
    examples: ['РНОКПП 1759013776'],
    counterexamples: ['РНОКПП 1759013770', '1759013776'],
    reason: 'Ukraine’s tax number of a person',
    source: 'stdnum ua/rntrc',
  },
  {
    name: 'ru-inn',
    labelled: ['9{12}', '9{10}'],
    labels: ['инн', 'inn', ...TAX_LABELS],
    accepts: validFor(inn),
    examples: ['ИНН 123456789047'],
    counterexamples: ['ИНН 123456789037', '123456789047'],
    reason: 'Russia’s tax number',
    source: 'stdnum ru/inn',
  },
  {
    name: 'ru-snils',
    free: ['999-999-999 99', '999-999-999-99'],
    labelled: ['9{11}'],
    labels: ['снилс', 'snils'],
    accepts: isSnils,
    examples: ['112-233-445 95', 'СНИЛС 11223344595'],
    counterexamples: ['112-233-445 96', '11223344595'],
    reason: 'Russia’s pension insurance',
    source: 'PFR, SNILS: weighted sum modulo 101',
  },
]

/**
 * Words in front of a telephone number, and how much each of them proves.
 *
 * @packageDocumentation
 */
import type { LabelledRow } from './row.ts'

export interface PhoneRow extends LabelledRow {
  readonly minDigits: number
  /** Digits without any punctuation count from here on. */
  readonly minSolidDigits: number
}

/** Words for a telephone, and words that are said of other things as well. */
export const PHONE_LABELS: readonly PhoneRow[] = [
  {
    minDigits: 7,
    minSolidDigits: 7,
    labels: [
      'phone',
      'phones',
      'phone number',
      'phone no',
      'telephone',
      'telephone number',
      'tel',
      'tel.',
      'tel no',
      'mobile number',
      'mobile no',
      'mobile phone',
      'cell phone',
      'cellphone',
      'cell number',
      'fax',
      'fax number',
      'whatsapp',
      'hotline',
      'call me',
      'call me at',
      'call us',
      'call us at',
      'text me',
      'contact number',
      'my number is',
      'his number is',
      'her number is',
      'their number is',
      'your number is',
      'reach me',
      'telefon',
      'telefonnummer',
      'handy',
      'handynummer',
      'téléphone',
      'portable',
      'teléfono',
      'telefono',
      'móvil',
      'celular',
      'cellulare',
      'telefone',
      'telemóvel',
      'telefoon',
      'tlf',
      'tfno',
      'telefoonnummer',
      'puhelin',
      'puhelinnumero',
      'numer telefonu',
      'телефон',
      'тел.',
      'τηλέφωνο',
      'هاتف',
      'טלפון',
      'फोन',
      '電話',
      '电话',
      '手机',
      '전화',
      '전화번호',
      'โทร',
      'điện thoại',
    ],
  },
  {
    gap: 24,
    minDigits: 7,
    minSolidDigits: 10,
    labels: [
      'call',
      'calling',
      'contact',
      'contact us',
      'reach',
      'reached',
      'emergency contact',
      'pager',
      'answering',
      'registered number',
      'cep no',
      'cep',
    ],
  },
  {
    gap: 14,
    minDigits: 7,
    minSolidDigits: 10,
    labels: ['text', 'sms', 'cell', 'mobile', 'ring', 'dial'],
  },
  {
    // Said of much else: only with the number right behind.
    gap: 3,
    minDigits: 7,
    minSolidDigits: 10,
    labels: ['office', 'desk', 'direct', 'direct line', 'home', 'work', 'p', 't', 'f', 'm', 'ph'],
  },
]

/** Behind a number: `384 0173 (office)`. */
export const PHONE_WORDS: readonly string[] = ['office', 'fax', 'mobile', 'cell', 'phone', 'tel']

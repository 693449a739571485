/**
 * What a peer has replaced, from its text alone: it tells no places, but its words for a replaced
 * value are known.
 *
 * What it gives: spans whose left and right neighbours are the original's. What it does not give:
 * certainty where a neighbour stands twice; the nearest one is taken. Pure.
 *
 * @packageDocumentation
 */
import type { Span } from './counts.ts'

/** A peer's word → our class; `other` for what is not measured. */
const CLASSES: Readonly<Record<string, string>> = {
  EMAIL_ADDRESS: 'email',
  EMAIL: 'email',
  PHONE_NUMBER: 'phone',
  CREDIT_CARD_NUMBER: 'card',
  CREDIT_CARD: 'card',
  US_SOCIAL_SECURITY_NUMBER: 'national-id',
  IP_ADDRESS: 'network',
  PERSON_NAME: 'other',
  STREET_ADDRESS: 'other',
  ZIPCODE: 'other',
  URL: 'other',
  USERNAME: 'other',
  PASSWORD: 'other',
  CREDENTIALS: 'other',
  DIGITS: 'other',
}
const WORD = new RegExp(`(${Object.keys(CLASSES).join('|')})`)

export function replacedSpans(original: string, redacted: string): readonly Span[] {
  const parts = redacted.split(WORD)
  const spans: Span[] = []
  let at = parts[0]?.length ?? 0
  for (let n = 1; n < parts.length; n += 2) {
    const [word = '', behind = ''] = parts.slice(n, n + 2)
    const isLast = n + 2 >= parts.length
    const next = isLast ? original.length - behind.length : original.indexOf(behind, at + 1)
    const end = behind === '' && !isLast ? at : next
    if (end > at) spans.push({ type: CLASSES[word] ?? 'other', start: at, end })
    at = Math.max(at, end) + behind.length
  }
  return spans
}

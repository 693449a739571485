/**
 * `strftime_now` of chat templates, in English whatever the machine's language.
 *
 * @packageDocumentation
 */

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const two = (number: number) => String(number).padStart(2, '0')

const FIELDS: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getFullYear()),
  m: (time) => two(time.getMonth() + 1),
  d: (time) => two(time.getDate()),
  B: (time) => MONTHS[time.getMonth()] ?? '',
  b: (time) => (MONTHS[time.getMonth()] ?? '').slice(0, 3),
  A: (time) => DAYS[time.getDay()] ?? '',
  a: (time) => (DAYS[time.getDay()] ?? '').slice(0, 3),
  H: (time) => two(time.getHours()),
  M: (time) => two(time.getMinutes()),
  S: (time) => two(time.getSeconds()),
  '%': () => '%',
}

/** Pure: C's `strftime` for the fields that chat templates use; others stay as they are written. */
export function formatTime(time: Date, format: string): string {
  return format.replace(/%(.)/g, (written, name: string) => FIELDS[name]?.(time) ?? written)
}

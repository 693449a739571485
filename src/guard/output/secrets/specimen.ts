/**
 * Made-up secrets of a given shape, for tests and documents: no key of anybody is in this project.
 *
 * @packageDocumentation
 */
import { parseShape, type Part } from './shape.ts'

/** Coprime to the size of every kind, so that all members come by and none twice in a row. */
const STEP = 41

export function makeSpecimen(written: string): string {
  let made = ''
  for (const part of parseShape(written).parts)
    made += made === '' ? write(part, 3) : write(part, 5)
  return made
}

/** The same, broken: one character less than it takes. */
export function breakSpecimen(written: string): string {
  return makeSpecimen(written).slice(0, -1)
}

function write(part: Part, from: number): string {
  if (part.is === 'mark') return ''
  if (part.is === 'text') return part.text
  const { members } = part.kind
  return Array.from({ length: part.min }, (_, i) =>
    members.charAt((from + i * STEP) % members.length),
  ).join('')
}

/**
 * The text that rules and model look at, of a text that nothing hides in any more.
 *
 * @packageDocumentation
 */
import { skeletonOf } from './lookalike.ts'
import { TracedText } from './traced-text.ts'

export function matchingText(text: string): string {
  return skeletonOf(TracedText.of(text.normalize('NFC'))).traced.text
}

/**
 * What has to hold for every text on its way to the model.
 *
 * @packageDocumentation
 */
import type { Origin } from '../../../src/guard/classes.ts'
import { profileOf } from '../../../src/guard/policy.ts'
import { inspectText } from '../../../src/guard/input/inspect.ts'

const { input: SETTINGS } = profileOf('strict', {
  ...{ profile: 'strict', profiles: {}, denyList: [], patterns: [], linkOrigins: [] },
  ...{ maxMessageChars: 2 ** 24, maxPromptChars: 2 ** 24 },
})

/** @returns what is wrong, if anything is. */
export function checkInput(text: string, origin: Origin): string | undefined {
  const { content, score, matches } = inspectText({ content: text, origin }, SETTINGS)
  if (!(score >= 0 && score <= 1)) return `the score is ${score}`
  if (!content.isWellFormed()) return 'half a character is left'
  if (content !== content.normalize('NFC')) return 'what is left has two spellings'
  for (const { code, start, end } of matches) {
    if (!/^input\.[a-z0-9.-]{1,58}$/.test(code)) return `a code is ${JSON.stringify(code)}`
    if (start < 0 || end <= start || end > text.length) return `${code} is from ${start} to ${end}`
  }
  const again = inspectText({ content, origin }, SETTINGS)
  return again.content === content ? undefined : 'what is left is not left as it is'
}

export function inspectWhole(text: string): void {
  inspectText({ content: text, origin: 'user' }, SETTINGS)
}

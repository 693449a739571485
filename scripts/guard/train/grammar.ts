/**
 * Sentences from word lists: `{name}` is one of a list, `[...]` is there or not, `(a/b)` is one
 * of, `\n` a new line, `∕` a slash, `an?` an article.
 *
 * @packageDocumentation
 */
import type { Random } from './random.ts'

export type Grammar = Readonly<Record<string, readonly string[]>>

/** One alternative a line. */
export function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function words(text: string): readonly string[] {
  return text.split('|').map((word) => word.trim())
}

const SLOT = /\{([a-z-]+)\}|\[([^[\]{}()]*(?:\{[a-z-]+\}[^[\]{}()]*)*)\]|\(([^()[\]]*)\)/g

export function expand(grammar: Grammar, template: string, random: Random): string {
  let text = template
  for (let depth = 0; depth < 24; depth++) {
    const next = text.replaceAll(SLOT, (_all, name?: string, option?: string, choice?: string) => {
      if (option !== undefined) return random.happens(0.5) ? option : ''
      if (choice !== undefined) return random.pick(choice.split('/'))
      const list = grammar[name ?? '']
      if (list === undefined) throw new Error(`no list named ${String(name)}`)
      return random.pick(list)
    })
    if (next === text) break
    text = next
  }
  return tidy(text)
}

function tidy(text: string): string {
  return text
    .replaceAll('\\n', '\n')
    .replaceAll('∕', '/')
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/\b([Aa])n\? (?=[aeiou])/g, '$1n ')
    .replaceAll(/\b([Aa])n\? /g, '$1 ')
    .replaceAll(/ ([.,!?:;])/g, '$1')
    .replaceAll(
      /(^|[.!?] )([a-z])/g,
      (_all, before: string, letter: string) => before + letter.toUpperCase(),
    )
    .trim()
}

/** People do not always write as their teacher told them. */
export function roughened(text: string, random: Random): string {
  const roll = random.next()
  if (roll < 0.12) return text.toLowerCase()
  if (roll < 0.18) return text.toUpperCase()
  if (roll < 0.24) return text.replace(/[.!?]+$/, '')
  if (roll < 0.27) return text.replaceAll(/[,'’]/g, '')
  return text
}

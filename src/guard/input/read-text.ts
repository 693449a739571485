/**
 * A stranger's text as the guard reads it: what it says, in NFC, without what nobody sees.
 *
 * @packageDocumentation
 */
import { readHidden } from './hidden.ts'
import { uncover, type HiddenKind, type HiddenRun } from './invisible.ts'
import { mapStrings, saidBy } from './json-strings.ts'
import { TracedText } from './traced-text.ts'

export type Form = 'text' | 'json'

export interface ReadText {
  readonly composed: TracedText
  readonly runs: readonly HiddenRun[]
  /** What the unseen characters say. */
  readonly hidden: readonly { readonly kind: HiddenKind; readonly text: string }[]
}

export function readText(text: string, form: Form): ReadText {
  if (form === 'text') {
    const { clean, runs } = uncover(TracedText.of(text))
    return { composed: composed(clean), runs, hidden: readHidden(runs) }
  }
  const { runs } = uncover(saidBy(text, 'all'))
  const { clean } = uncover(saidBy(text, 'values'))
  return { composed: composed(clean), runs, hidden: readHidden(runs) }
}

/** The text for the model. */
export function writeText(text: string, form: Form, isStripped: boolean): string {
  const written = (said: string) => {
    const given = TracedText.of(said.toWellFormed())
    return composed(isStripped ? uncover(given).clean : given).text
  }
  return form === 'json' ? mapStrings(text, written) : written(text)
}

/** Nothing below U+0300 composes with what stands in front of it: pieces may begin there. */
const PIECE = /[\0-\u02ff]?[^\0-\u02ff]+/g
const COMPOSED = /^[\0-\u02ff]*$/

function composed(clean: TracedText): TracedText {
  if (COMPOSED.test(clean.text)) return clean
  return clean.rewrite(PIECE, (piece) => piece.normalize('NFC'))
}

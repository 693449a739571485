/**
 * Stands before `RegExp` from the moment it is imported: import it first, then the guard.
 *
 * What it gives: each expression that a file of the guard builds, with the place of the call. What
 * it does not give: those of packages, and calls that never run.
 *
 * @packageDocumentation
 */
import { join, relative } from 'node:path'
import { merge, type Expression } from './sources.ts'

export const ROOT = join(import.meta.dirname, '../../..')
export const FOLDER = 'src/guard'

const built: Expression[] = []
const Original = globalThis.RegExp

function note(made: unknown): void {
  const place = placeOfCaller()
  if (place === undefined || !(made instanceof Original)) return
  built.push({ source: made.source, flags: made.flags, places: [place] })
}

globalThis.RegExp = new Proxy(Original, {
  construct(target, args, newTarget) {
    const made: unknown = Reflect.construct(target, args, newTarget)
    note(made)
    return Object(made) as RegExp
  },
  apply(target, self, args) {
    const made: unknown = Reflect.apply(target, self, args)
    note(made)
    return Object(made) as RegExp
  },
})

/** What was built until now; from here on nothing more is noted. */
export function takeBuilt(): readonly Expression[] {
  globalThis.RegExp = Original
  return merge(built)
}

/** Of whoever called `RegExp`, when he stands in the folder. */
function placeOfCaller(): string | undefined {
  const places = (new Error().stack ?? '').split('\n').flatMap((line) => {
    const [, path, number] = /file:\/\/(\/[^:]+):(\d+):\d+/.exec(line) ?? []
    return path === undefined || path === import.meta.filename ? [] : [{ path, number }]
  })
  const file = relative(ROOT, places[0]?.path ?? '/')
  return file.startsWith(`${FOLDER}/`) ? `${file}:${places[0]?.number ?? ''}` : undefined
}

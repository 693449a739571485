/**
 * Every regular expression that is written in a folder, and every place where one is built.
 *
 * As TypeScript's parser sees them; what is built there, only running it tells (recording.ts).
 *
 * @packageDocumentation
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface Expression {
  readonly source: string
  readonly flags: string
  /** `src/guard/output/links.ts:12` */
  readonly places: readonly string[]
}

export interface Sources {
  readonly literals: readonly Expression[]
  /** Places where one is built. */
  readonly builders: readonly string[]
}

export function readSources(root: string, folder: string): Sources {
  const literals: Expression[] = []
  const builders: string[] = []
  for (const file of globSync(`${folder}/**/*.ts`, { cwd: root }).sort()) {
    const text = readFileSync(join(root, file), 'utf8')
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    const placeOf = (node: ts.Node) =>
      `${file}:${parsed.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
    const walk = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) literals.push(literalOf(node.text, placeOf(node)))
      if (isBuilder(node)) builders.push(placeOf(node))
      ts.forEachChild(node, walk)
    }
    walk(parsed)
  }
  return { literals: merge(literals), builders: [...new Set(builders)] }
}

function literalOf(text: string, place: string): Expression {
  const end = text.lastIndexOf('/')
  return { source: text.slice(1, end), flags: text.slice(end + 1), places: [place] }
}

function isBuilder(node: ts.Node): boolean {
  const isCall = ts.isNewExpression(node) || ts.isCallExpression(node)
  return isCall && ts.isIdentifier(node.expression) && node.expression.text === 'RegExp'
}

export function merge(all: readonly Expression[]): readonly Expression[] {
  const known = new Map<string, Expression>()
  for (const one of all) {
    const key = `/${one.source}/${one.flags}`
    const places = [...new Set([...(known.get(key)?.places ?? []), ...one.places])]
    known.set(key, { ...one, places })
  }
  return [...known.values()]
}

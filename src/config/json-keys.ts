/**
 * Keys that stand twice in one object of a JSON text. JSON.parse keeps the last and says nothing;
 * a person reads the first.
 *
 * @packageDocumentation
 */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g

interface Level {
  /** null in a list. */
  readonly keys: Set<string> | null
  readonly path: string
  /** The string read last: a key, when a colon follows. */
  last: string
}

/** @param text - JSON that JSON.parse has taken. @returns their paths, as `gateway.listen`. */
export function repeatedKeys(text: string): string[] {
  const repeated: string[] = []
  const levels: Level[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === '{' || token === '[') {
      const path = level === undefined ? '' : joined(level)
      levels.push({ keys: token === '{' ? new Set() : null, path, last: '' })
    } else if (token === '}' || token === ']') levels.pop()
    else if (level === undefined) continue
    else if (token.startsWith('"')) level.last = String(JSON.parse(token))
    else if (token === ':' && level.keys !== null) {
      if (level.keys.has(level.last)) repeated.push(joined(level))
      level.keys.add(level.last)
    }
  }
  return repeated
}

function joined({ path, last }: Level): string {
  return path === '' || last === '' ? path + last : `${path}.${last}`
}

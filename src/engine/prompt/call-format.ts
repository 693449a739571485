/**
 * How a template writes the calls of tools, found by writing one and three and looking.
 *
 * Only forms that are literal texts around a name and a JSON object are found; for others
 * (parameters as XML, Python's call syntax, arguments before the name) the answer is null.
 *
 * @packageDocumentation
 */
import type { Call, Message } from './conversation.ts'
import type { SpecialSpellings } from './special-spellings.ts'
import { commonEnd, commonStart, wholeBefore, wholeBehind, WORDS } from './trial-text.ts'

/**
 * An answer with calls is `open`, then for each call `beforeName` NAME `afterName` ARGUMENTS
 * `afterArguments`, with `between` between two calls, then `close`. NAME stands without quotes and
 * escapes, ARGUMENTS is one JSON object. Special tokens are spelled out.
 */
export interface CallFormat {
  readonly open: string
  readonly beforeName: string
  readonly afterName: string
  readonly afterArguments: string
  /** null: only one call at once is possible. */
  readonly between: string | null
  readonly close: string
  /** A call may begin only at the start of the answer (bare JSON), or anywhere. */
  readonly where: 'start' | 'anywhere'
}

/** The text of a conversation, or null when the template refuses it. */
export type Write = (messages: readonly Message[], ends: 'asked' | 'told') => string | null

/** Where a form wants an id that is not in a JSON member: nine letters and digits. */
const FIXED_ID = 'call00000'
const ARGUMENTS = new RegExp(`\\{\\s*"${WORDS.key}"\\s*:\\s*"${WORDS.value}"\\s*\\}`, 'g')
const ID_BEHIND = new RegExp(`,\\s*"[A-Za-z_]+"\\s*:\\s*"${FIXED_ID}"`, 'g')
const ID_BEFORE = new RegExp(`"[A-Za-z_]+"\\s*:\\s*"${FIXED_ID}"\\s*,\\s*`, 'g')

const user: Message = { role: 'user', content: WORDS.asked }

function caller(names: readonly string[]): Message {
  const ids = [WORDS.firstId, WORDS.secondId, WORDS.thirdId]
  const calls: Call[] = names.map((name, i) => ({
    id: ids[i] ?? '',
    name,
    arguments: `{"${WORDS.key}": "${WORDS.value}"}`,
  }))
  return { role: 'assistant', content: '', calls }
}

/** The text of an answer cut at its names and arguments: one piece more than both together. */
type Pieces = readonly string[]

export function findCallFormat(write: Write, spellings: SpecialSpellings): CallFormat | null {
  const asked = write([user], 'asked')
  const said = write([user, { role: 'assistant', content: WORDS.said }], 'told')
  if (asked === null || said === null) return null
  const answer = (names: readonly string[]): Pieces | null => {
    const text = write([user, caller(names)], 'told')
    return text === null ? null : piecesOf(answerOf(text, { asked, said }, spellings), names)
  }
  const one = answer([WORDS.firstName])
  const three = answer([WORDS.firstName, WORDS.secondName, WORDS.thirdName])
  return one === null ? null : formatOf(one, three, spellings)
}

/** Whether it writes the arguments one by one; an object that is put out whole is not meant to. */
export function takesObjects(write: Write): boolean {
  const text = write([user, caller([WORDS.firstName])], 'told') ?? ''
  return text.includes(WORDS.value) && !text.includes(`'${WORDS.key}': '${WORDS.value}'`)
}

/** What the model itself would have written, without the turn's end. */
function answerOf(
  text: string,
  { asked, said }: { asked: string; said: string },
  spellings: SpecialSpellings,
): string {
  const base = wholeBefore(text, commonStart([text, asked, said]), spellings)
  const saidAt = said.lastIndexOf(WORDS.said)
  const lead = said.slice(base, saidAt)
  const turnEnd = said.slice(saidAt + WORDS.said.length)
  const answer = text.slice(base)
  const start = answer.startsWith(lead) ? lead.length : 0
  if (answer.endsWith(turnEnd)) return answer.slice(start, answer.length - turnEnd.length)
  const argumentsEnd = [...answer.matchAll(ARGUMENTS)].at(-1)?.index ?? 0
  const end = spellings
    .find(answer)
    .find((token) => token.kind === 'control' && token.start > argumentsEnd)
  return answer.slice(start, end?.start)
}

function piecesOf(written: string, names: readonly string[]): Pieces | null {
  const text = written
    .replaceAll(WORDS.firstId, FIXED_ID)
    .replaceAll(WORDS.secondId, FIXED_ID)
    .replaceAll(WORDS.thirdId, FIXED_ID)
    .replace(ID_BEHIND, '')
    .replace(ID_BEFORE, '')
  const pieces: string[] = []
  let at = 0
  const found = [...text.matchAll(ARGUMENTS)]
  if (found.length !== names.length) return null
  for (const [i, name] of names.entries()) {
    const nameAt = text.indexOf(name, at)
    const given = found[i]
    if (given === undefined || nameAt === -1 || nameAt > given.index) return null
    pieces.push(text.slice(at, nameAt), text.slice(nameAt + name.length, given.index))
    at = given.index + given[0].length
  }
  pieces.push(text.slice(at))
  const isRepeated = pieces.some((piece) => piece.includes('zq'))
  return isRepeated ? null : pieces
}

function formatOf(
  one: Pieces,
  three: Pieces | null,
  spellings: SpecialSpellings,
): CallFormat | null {
  const [before = '', afterName = '', behind = ''] = one
  if (before.trim() === '') return null
  const where = /^\s*(\[\s*)?\{/.test(before) ? 'start' : 'anywhere'
  const alone = { open: '', beforeName: before, afterName, afterArguments: behind, close: '' }
  const several = three === null ? null : splitOf(one, three, spellings)
  return withoutSpace(several === null ? { ...alone, between: null, where } : { ...several, where })
}

/** null when a later call is not written as the first, such as with its number. */
function splitOf(
  [before = '', afterName = '', behind = '']: Pieces,
  [first, ...later]: Pieces,
  spellings: SpecialSpellings,
): Omit<CallFormat, 'where'> | null {
  const middle = later[1] ?? ''
  const expected = [afterName, middle, afterName, middle, afterName, behind]
  if (first !== before || expected.some((piece, i) => piece !== later[i])) return null
  const cut = wholeBehind(before, before.length - commonEnd(before, middle), spellings)
  const beforeName = before.slice(cut)
  const rest = middle.slice(0, middle.length - beforeName.length)
  const shared = wholeBefore(behind, commonStart([behind, rest]), spellings)
  if (beforeName === '') return null
  return {
    open: before.slice(0, cut),
    beforeName,
    afterName,
    afterArguments: behind.slice(0, shared),
    between: rest.slice(shared),
    close: behind.slice(shared),
  }
}

/** White space before the first call is the model's own affair; between calls it is kept. */
function withoutSpace(format: CallFormat): CallFormat {
  const { open, beforeName, between } = format
  if (open.trim() !== '') return { ...format, open: open.trimStart() }
  const bare = beforeName.trimStart()
  const space = beforeName.slice(0, beforeName.length - bare.length)
  return {
    ...format,
    open: '',
    beforeName: bare,
    between: between === null ? null : between + space,
  }
}

/**
 * What fields of a body have to say of each other, where no schema can: without it nearly every
 * random conversation with a tool is refused for the call that it lacks.
 *
 * @packageDocumentation
 */
import * as z from 'zod'

type Fields = Readonly<Record<string, unknown>>

const CALLED = { name: 'f', arguments: '{}' }

export function sensible(path: string, body: Fields): Fields {
  const fields = { ...body }
  if (fields.stream_options !== undefined) fields.stream = true
  if (path === '/v1/chat/completions' && fields.top_logprobs !== undefined) fields.logprobs = true
  const place = path === '/v1/responses' || path === '/v1/tokenize' ? 'input' : 'messages'
  const { data: turns } = z.array(z.looseObject({})).safeParse(fields[place])
  return turns === undefined ? fields : { ...fields, [place]: withCalls(path, turns) }
}

/** With a call in front for each answer of a tool that none is there for. */
function withCalls(path: string, turns: readonly Fields[]): readonly Fields[] {
  if (path === '/v1/responses') {
    const ids = missing(turns, 'function_call_output', 'call_id')
    return [...ids.map((id) => ({ type: 'function_call', call_id: id, ...CALLED })), ...turns]
  }
  if (path.startsWith('/v1/messages')) {
    const blocks = turns.flatMap(({ content }) =>
      z.array(z.looseObject({})).catch([]).parse(content),
    )
    const ids = missing(blocks, 'tool_result', 'tool_use_id')
    const content = ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} }))
    return content.length === 0 ? turns : [{ role: 'assistant', content }, ...turns]
  }
  const ids = missing(turns, 'tool', 'tool_call_id')
  const calls = ids.map((id) => ({ id, type: 'function', function: CALLED }))
  return calls.length === 0 ? turns : [{ role: 'assistant', tool_calls: calls }, ...turns]
}

function missing(values: readonly Fields[], kind: string, field: string): readonly unknown[] {
  const answers = values.filter(({ type, role }) => type === kind || role === kind)
  const ids = new Set(answers.map((answer) => answer[field]))
  const called = new Set(
    values.map(({ type, id, call_id: callId }) => (type === 'function_call' ? callId : id)),
  )
  return [...ids].filter((id) => !called.has(id))
}

/**
 * Documents beside a conversation: texts from outside, which nobody in it has said.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { ClientMistake } from '../api-error.ts'
import type { ChatMessage } from './messages.ts'

export interface ChatDocument {
  readonly title: string | null
  readonly text: string
}

const MAX_DOCUMENTS = 64
const MAX_TITLE_CHARS = 512

export const Documents = z
  .array(
    z
      .strictObject({
        title: z.string().max(MAX_TITLE_CHARS).nullish(),
        text: z.string().min(1),
      })
      .meta({ id: 'ChatDocument' }),
  )
  .max(MAX_DOCUMENTS)
  .nullish()

/** @throws ClientMistake when there is nothing they could stand in front of. */
export function documentsOf(
  given: z.infer<typeof Documents>,
  messages: readonly ChatMessage[],
): readonly ChatDocument[] {
  const documents = (given ?? []).map(({ title, text }) => {
    return { title: title?.toWellFormed() ?? null, text: text.toWellFormed() }
  })
  if (documents.length === 0 || messages.some(({ role }) => role === 'user')) return documents
  const message = 'documents are only allowed together with a message of the user'
  throw new ClientMistake('invalid_value', message, 'documents')
}

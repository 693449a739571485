/**
 * Mistakes in the words of the protocol that the client speaks: the readers that several protocols
 * share name a field as OpenAI's chat does.
 *
 * @packageDocumentation
 */
import { ClientMistake } from './api-error.ts'

/** What stands in the name of a place, and what the client knows it as. */
export type Renames = readonly (readonly [pattern: RegExp, name: string])[]

/** @throws what `work` throws, renamed where it is a mistake of the client. */
export function renaming<T>(renames: Renames, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof ClientMistake) || thrown.param === null) throw thrown
    const { code, message, param } = thrown
    const renamed = renames.reduce((name, [pattern, known]) => name.replace(pattern, known), param)
    throw new ClientMistake(code, message.replaceAll(param, renamed), renamed)
  }
}

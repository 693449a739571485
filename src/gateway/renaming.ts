/**
 * Mistakes in the words of the protocol that the client speaks: the readers that several protocols
 * share name a field as OpenAI's chat does.
 *
 * @packageDocumentation
 */
import { Fault } from '../errors.ts'
import { ClientMistake, FieldFault, paramOf } from './api-error.ts'

/** What stands in the name of a place, and what the client knows it as. */
export type Renames = readonly (readonly [pattern: RegExp, name: string])[]

/** @throws what `work` throws, renamed where it is a mistake of the client. */
export function renaming<T>(renames: Renames, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw renamed(renames, thrown)
  }
}

/** The same for what takes time. */
export async function renamingLater<T>(renames: Renames, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw renamed(renames, thrown)
  }
}

/** The same for what comes in parts. */
export async function* renamingParts<T>(
  renames: Renames,
  parts: AsyncGenerator<T>,
): AsyncGenerator<T> {
  try {
    yield* parts
  } catch (thrown) {
    throw renamed(renames, thrown)
  }
}

function renamed(renames: Renames, thrown: unknown): unknown {
  if (thrown instanceof Fault) {
    const param = paramOf(thrown)
    return param === null
      ? thrown
      : new FieldFault(thrown.code, thrown.message, knownAs(param, renames))
  }
  if (!(thrown instanceof ClientMistake) || thrown.param === null) return thrown
  const { code, message, param } = thrown
  const known = knownAs(param, renames)
  return new ClientMistake(code, message.replaceAll(param, known), known)
}

function knownAs(param: string, renames: Renames): string {
  return renames.reduce((name, [pattern, to]) => name.replace(pattern, to), param)
}

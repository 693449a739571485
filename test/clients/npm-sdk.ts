/** An SDK of npm: it runs in this process, and what it throws is told in the words of acts.ts. */
import { z } from 'zod'
import type { Act, Acts, Ask, Sdk, Told } from './acts.ts'

/** Where the SDKs keep what the server said: `status`, or `statusCode`; `code`, or in their data. */
const Thrown = z.object({
  status: z.number().optional().catch(undefined),
  statusCode: z.number().optional().catch(undefined),
  code: z.string().nullable().optional().catch(undefined),
  errorCode: z.string().nullable().optional().catch(undefined),
  data: z
    .object({ error: z.object({ code: z.string() }) })
    .optional()
    .catch(undefined),
  lastError: z.unknown().optional(),
})

export function npmSdk(acts: Acts): Sdk {
  return {
    acts: Object.keys(acts),
    ask: async (act: Act, ask: Ask) => {
      try {
        return (await acts[act]?.(ask)) ?? {}
      } catch (thrown) {
        return { error: errorOf(thrown) }
      }
    },
    close: async () => undefined,
  }
}

function errorOf(thrown: unknown): NonNullable<Told['error']> {
  const { status, statusCode, code, errorCode, data, lastError } = Thrown.parse(thrown)
  // Vercel's SDK wraps the last of several tries.
  const inner = lastError === undefined ? undefined : errorOf(lastError)
  return {
    kinds: [...kindsOf(thrown), ...(inner?.kinds ?? [])],
    status: status ?? statusCode ?? inner?.status ?? null,
    code: code ?? errorCode ?? data?.error.code ?? inner?.code ?? null,
  }
}

function kindsOf(thrown: unknown): string[] {
  const kinds = thrown instanceof Error ? [thrown.name] : []
  for (
    let at: unknown = Object.getPrototypeOf(thrown);
    at instanceof Object;
    at = Object.getPrototypeOf(at)
  ) {
    kinds.push(at.constructor.name)
  }
  return [...new Set(kinds)]
}

/** The two settings that most SDKs of npm name alike. */
export const settingsOf = ({ retries, timeoutMs }: Ask) => ({
  ...(retries === undefined ? {} : { maxRetries: retries }),
  ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
})

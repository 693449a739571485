/** What a request with a field looks like, and what it must show. */
import type { HonouredField, IgnoredField, RefusedField } from '../../src/gateway/body-fields.ts'

/** What can be seen of a request: where it went, what was asked there, and what came back. */
export interface Seen {
  readonly status: number
  /** Of the model. */
  readonly asked?: string | undefined
  readonly order?: unknown
  readonly question?: unknown
  readonly vectors?: unknown
  readonly answer?: unknown
  readonly body?: unknown
  /** Everything the keeper was told. */
  readonly record?: unknown
}

/** Sent beside the least body of the route. */
interface Sent {
  readonly value: unknown
  /** Beside it, also in the request that it is compared with. */
  readonly with?: object
}
export interface HonouredExample extends Sent {
  /** Seen with the value, and not without it. */
  readonly shows: Partial<Seen>
}
export interface RefusedExample extends Sent {
  /** Values beside null that ask for nothing. */
  readonly nothing?: readonly unknown[]
}
export type Example = Sent & Partial<Omit<HonouredExample & RefusedExample, keyof Sent>>

/** One for each field of a table, of the kind that its use asks for. */
export type Examples<T extends object> = {
  readonly [K in keyof T]: T[K] extends HonouredField
    ? HonouredExample
    : T[K] extends RefusedField
      ? RefusedExample
      : T[K] extends IgnoredField
        ? Sent
        : never
}

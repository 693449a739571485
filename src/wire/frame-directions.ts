/**
 * Types read off the table: which frames one peer may get from another.
 *
 * @packageDocumentation
 */
import type { BodyOf, FrameName, FRAMES, Peer } from './frames.ts'

/** The frames that `to` may get from `from`: the type of what a connection yields. */
export type FrameFrom<From extends Peer, To extends Peer> = {
  [N in FrameName]: (typeof FRAMES)[N]['from'] extends From
    ? (typeof FRAMES)[N]['to'] extends To
      ? { readonly name: N; readonly body: BodyOf<N> }
      : never
    : never
}[FrameName]

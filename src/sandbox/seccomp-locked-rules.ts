/**
 * The filter that goes with locked memory: advice that a locked page cannot take is no failure.
 *
 * V8 gives parts of its heap back by `madvise(MADV_DONTNEED)`, in the collections that follow a
 * burst of work, and aborts the process when that fails. On locked pages the kernel answers EINVAL
 * (mlock(2)). The advice frees memory and promises nothing about what is read there afterwards, so
 * it may as well do nothing: the pages stay, locked, until they are used again.
 *
 * glibc advises the same for stacks of ended threads, and ignores the answer.
 *
 * @packageDocumentation
 */
import type { FilterTable } from './bpf.ts'
import { ADVICE } from './system.ts'

/** The call is not made, and its caller hears that it was. */
const DONE_NOTHING = { errno: 0 } as const

export const LOCKED_FILTER: FilterTable = {
  rules: [
    {
      calls: ['madvise'],
      when: [{ argument: 2, values: [ADVICE.dontNeed, ADVICE.free] }],
      answer: DONE_NOTHING,
      otherwise: 'allow',
      reason: 'V8 dies of EINVAL, which is what locked pages answer to this advice',
    },
  ],
  rest: 'allow',
}

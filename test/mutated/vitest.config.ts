import { defineConfig } from 'vitest/config'

/** `npm run test:mutated`: 9 minutes on 2 cores, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'mutated',
    dir: 'test/mutated',
    // One at a time: the campaign has both cores.
    fileParallelism: false,
    testTimeout: 20 * 60_000,
    disableConsoleIntercept: true,
  },
})

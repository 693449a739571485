import { defineConfig } from 'vitest/config'

/** `npm run test:mutated`: about 6 minutes on 2 idle cores, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'mutated',
    dir: 'test/mutated',
    testTimeout: 20 * 60_000,
    disableConsoleIntercept: true,
  },
})

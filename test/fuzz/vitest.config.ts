import { defineConfig } from 'vitest/config'

/** `npm run test:fuzz`: 10,000 bodies, and schemathesis from PyPI, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'fuzz',
    include: ['test/fuzz/**/*.test.ts'],
    fileParallelism: false,
    maxConcurrency: 4,
    testTimeout: 300_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
})

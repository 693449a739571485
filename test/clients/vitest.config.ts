import { defineConfig } from 'vitest/config'

/** `npm run test:clients`: real SDKs against a daemon with real models. Needs pip and its index. */
export default defineConfig({
  test: {
    name: 'clients',
    include: ['test/clients/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 480_000,
  },
})

import { defineConfig } from 'vitest/config'

/** `npm run test:daemon`: each test starts and stops whole daemons, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'daemon',
    include: ['test/daemon/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

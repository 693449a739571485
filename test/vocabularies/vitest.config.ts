import { defineConfig } from 'vitest/config'

/** `npm run test:vocabularies`: fetches 130 MB of vocabularies, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'vocabularies',
    include: ['test/vocabularies/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})

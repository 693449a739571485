import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/{unit,property,vectors,architecture}/**/*.test.ts'],
          maxWorkers: 2,
          // Nothing here changes a process for the next file; loading all modules anew took half the time.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // Real processes, sockets and kernel layers; one file at a time, so that they do not starve each other.
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})

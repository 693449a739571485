import { defineConfig } from 'vitest/config'

/**
 * A real keychain: needs `gnome-keyring-daemon` and `dbus-run-session` (Debian: gnome-keyring,
 * dbus). Not part of `npm test`, because a machine may have neither; the tests install nothing and
 * fail, saying so, where they are missing. `.ci/keychain` installs them.
 *
 *     npm run test:keychain
 */
export default defineConfig({
  test: {
    include: ['test/keychain/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})

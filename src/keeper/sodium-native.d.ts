/** The few functions of sodium-native 5 that we call; the package has no types of its own. */
declare module 'sodium-native' {
  interface Sodium {
    /** Memory with guard pages around it, locked and out of core dumps where the kernel allows. */
    sodium_malloc(bytes: number): Buffer
    sodium_mprotect_noaccess(secure: Buffer): void
    sodium_mprotect_readonly(secure: Buffer): void
    sodium_mprotect_readwrite(secure: Buffer): void
    sodium_memzero(bytes: Uint8Array): void
    readonly crypto_pwhash_ALG_ARGON2ID13: number
    readonly crypto_pwhash_SALTBYTES: number
    /** In a thread of libuv's pool. */
    crypto_pwhash_async(
      out: Uint8Array,
      passphrase: Uint8Array,
      salt: Uint8Array,
      opsLimit: number,
      memLimitBytes: number,
      algorithm: number,
    ): Promise<void>
  }
  const sodium: Sodium
  export default sodium
}

/** The real guard of a profile, as the gateway binds it at its start. */
import type { GuardFiles } from '../../src/config/guard-files.ts'
import { Config } from '../../src/config/schema.ts'
import { bindGuards } from '../../src/gateway/guard-binding.ts'
import type { GuardPort } from '../../src/gateway/guard-port.ts'

const NO_FILES: GuardFiles = { systemPrompt: null, secrets: [] }

/** @param settings - Of `guard` in the configuration. */
export function realGuard(settings: object = {}, files: Partial<GuardFiles> = {}): GuardPort {
  const { guard } = Config.parse({ guard: settings })
  return bindGuards(guard, { ...NO_FILES, ...files })(null)
}

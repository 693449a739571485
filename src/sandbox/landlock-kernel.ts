/**
 * Landlock, acted: the ABI the kernel has, and the restriction of the calling thread.
 *
 * It binds this thread and what it executes, so it is called in the launcher, before exec.
 *
 * @packageDocumentation
 */
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { Fault, reasonOf } from '../errors.ts'
import { keepAcrossExec } from './descriptors.ts'
import { encodePathRule, grantMask, planRuleset } from './landlock.ts'
import type { PathRule } from './landlock-rules.ts'
import { addressOf, callKernel, mustSucceed } from './system.ts'

/** The same numbers on every architecture. */
const CREATE_RULESET = 444
const ADD_RULE = 445
const RESTRICT_SELF = 446
const VERSION = 1
const RULE_PATH_BENEATH = 1
const O_PATH = 0x20_0000

/** @returns 0 where the kernel has no Landlock or it is switched off. */
export function landlockAbi(): number {
  return Math.max(0, callKernel(CREATE_RULESET, 0, 0, VERSION))
}

/**
 * Denies the calling thread, and what it executes, everything but the rules.
 *
 * @throws Fault `SANDBOX_LAUNCH` when a path that must be there is not.
 */
export function restrictThread(rules: readonly PathRule[], abi: number): void {
  const { attribute, restrictFlags } = planRuleset(abi)
  const ruleset = callKernel(CREATE_RULESET, addressOf(attribute), attribute.length, 0)
  mustSucceed('landlock_create_ruleset', ruleset)
  for (const rule of rules) addRule(ruleset, rule, abi)
  mustSucceed('landlock_restrict_self', callKernel(RESTRICT_SELF, ruleset, restrictFlags))
  closeSync(ruleset)
}

function addRule(ruleset: number, rule: PathRule, abi: number): void {
  const descriptor = openPlace(rule)
  if (descriptor === null) return
  const on = fstatSync(descriptor).isDirectory() ? 'folder' : 'file'
  const mask = grantMask(rule.grant, abi, on)
  if (mask !== 0n) {
    const attribute = encodePathRule(mask, descriptor)
    const result = callKernel(ADD_RULE, ruleset, RULE_PATH_BENEATH, addressOf(attribute), 0)
    mustSucceed(`landlock_add_rule for ${rule.path}`, result)
  }
  if (rule.pin) keepAcrossExec(descriptor)
  else closeSync(descriptor)
}

function openPlace({ path, missing }: PathRule): number | null {
  if (missing === 'make') mkdirSync(path, { recursive: true, mode: 0o700 })
  try {
    return openSync(path, O_PATH)
  } catch (cause) {
    if (missing === 'skip') return null
    throw new Fault('SANDBOX_LAUNCH', `cannot open ${path}: ${reasonOf(cause)}`, { cause })
  }
}

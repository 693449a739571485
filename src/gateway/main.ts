/**
 * The gateway process: reads the network, holds hashes of keys, writes nothing.
 *
 *     node dist/gateway/main.js --state DIR [--config FILE] [--set key.path=value]…
 *
 * It is given its listening socket (`api`) and connects by path to the keeper and the engine.
 * Ends with 0 after SIGTERM or SIGINT; a fault is one line on stderr and an exit code of errors.ts.
 *
 * @packageDocumentation
 */
import { parseArgs } from 'node:util'
import { readGuardFiles, type GuardFiles } from '../config/guard-files.ts'
import { loadConfig, servedModels } from '../config/load.ts'
import { EXIT, Fault, reasonOf } from '../errors.ts'
import { inheritedDescriptors } from '../sandbox/descriptors.ts'
import { lockMemory } from '../sandbox/memory.ts'
import { probeLayers } from '../sandbox/probe.ts'
import { hardenProcess } from '../sandbox/process.ts'
import { applyFinalFilter } from '../sandbox/seccomp.ts'
import { startGateway, type RunningGateway } from './gateway.ts'
import { bindGuards } from './guard-binding.ts'
import { createLogger, logFatal } from './logs.ts'

const log = createLogger()

async function main(): Promise<void> {
  const { config, statePath } = loadConfig(readArguments())
  const hardened = hardenProcess()
  const locked = lockMemory(config.memory.lock, 'gateway')
  if (locked.state !== 'enforced') {
    log.warn(`prompts and answers in the gateway are not locked in memory; ${locked.detail}`)
  }
  const layers = [...hardened, locked, ...probeLayers('gateway', config.sandbox.layers)]
  // Nothing of ours starts a program from here on.
  if (config.sandbox.layers.seccomp !== 'off') layers.push(applyFinalFilter('gateway'))
  const files = readGuardFiles(statePath)
  log.info(guardWords(config.guard.profile, files), 'the guard is there')
  const gateway = await startGateway({
    settings: config.gateway,
    models: servedModels(config),
    statePath,
    descriptor: apiDescriptor(),
    guards: bindGuards(config.guard, files),
    layers,
    log,
  })
  stopOnSignal(gateway)
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        state: { type: 'string' },
        config: { type: 'string' },
        set: { type: 'string', multiple: true },
      },
    })
    return { state: values.state, file: values.config, sets: values.set ?? [], env: process.env }
  } catch (thrown) {
    throw new Fault('CLI_USAGE', reasonOf(thrown))
  }
}

function apiDescriptor(): number {
  const descriptor = inheritedDescriptors().get('api')
  if (descriptor === undefined) {
    throw new Fault('SANDBOX_DESCRIPTORS', 'the gateway was not given its listening socket "api"')
  }
  return descriptor
}

/** How much there is of what is secret, and not a word of it. */
function guardWords(profile: string, { systemPrompt, secrets }: GuardFiles): object {
  return { profile, promptChars: systemPrompt?.length ?? 0, secrets: secrets.length }
}

function stopOnSignal(gateway: RunningGateway): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second signal means now.
    if (isStopping) process.exit(EXIT.ok)
    isStopping = true
    log.info({ signal }, 'stopping')
    gateway.stop().then(() => process.exit(EXIT.ok), endWith)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function endWith(thrown: unknown): never {
  process.exit(logFatal(log, thrown))
}

process.on('uncaughtException', endWith)
process.on('unhandledRejection', endWith)
main().catch(endWith)

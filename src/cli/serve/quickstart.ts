/**
 * `serve --quickstart`: what a first use needs, made when it is missing. A later start finds
 * everything in place and asks the network for nothing.
 *
 * @packageDocumentation
 */
import { existsSync } from 'node:fs'
import { createClient, readClients } from '../clients-file.ts'
import { withOwnKeeper } from '../keeper-session.ts'
import { catalogEntry } from '../model/catalog.ts'
import { pullModel } from '../model/pull.ts'
import type { Session } from '../session.ts'

const CLIENT_NAME = 'default'

/** The model, before anything is started. The caller holds the serve lock. */
export async function bringModel(session: Session): Promise<void> {
  const { paths, config, terminal } = session
  if (existsSync(paths.model(config.model))) return
  terminal.note(`model ${config.model}: not here yet, it is downloaded and sealed`)
  const { store } = await pullModel(session, catalogEntry(config.model), (act) =>
    withOwnKeeper(session, { engines: {} }, act),
  )
  terminal.note(`model ${config.model}: sealed, its key is in the ${store} store`)
}

/**
 * A client, once the keeper runs and can put it into the record.
 *
 * @returns Its key, to be shown once; undefined when there was a client already.
 */
export async function bringClient(session: Session): Promise<string | undefined> {
  if (readClients(session.paths.clients).length > 0) return undefined
  return (await createClient(session, { name: CLIENT_NAME, expiresDays: undefined })).key
}

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

/**
 * The caller holds the serve lock.
 *
 * @returns The key of the client that was made, to be shown once; undefined when there was one.
 */
export async function prepareFirstUse(session: Session): Promise<string | undefined> {
  const { paths, config, terminal } = session
  if (!existsSync(paths.model(config.model))) {
    terminal.note(`model ${config.model}: not here yet, it is downloaded and sealed`)
    const { store } = await pullModel(session, catalogEntry(config.model), (act) =>
      withOwnKeeper(session, { engines: {} }, act),
    )
    terminal.note(`model ${config.model}: sealed, its key is in the ${store} store`)
  }
  if (readClients(paths.clients).length > 0) return undefined
  return (await createClient(session, { name: CLIENT_NAME, expiresDays: undefined })).key
}

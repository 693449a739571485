/**
 * `client add`, `client list`, `client revoke`.
 *
 * @packageDocumentation
 */
import { EXIT, type ExitCode } from '../../errors.ts'
import { profileNames } from '../../guard/policy.ts'
import { readProfile, readScopes, type Client } from '../clients.ts'
import { createClient, readClients, revokeClient } from '../clients-file.ts'
import { openSession, type Invocation } from '../session.ts'
import { formatTable } from '../terminal.ts'

const MAX_DAYS = 3650

export async function addClientCommand(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, positionals } = invocation
  const [name = ''] = positionals
  const expiresDays = options.count('expires-days', { min: 1, max: MAX_DAYS })
  const scopes = readScopes(options.all('scope'))
  const session = openSession(invocation)
  const guard = readProfile(options.text('guard'), profileNames(session.config.guard))
  const { client, key } = await createClient(session, { name, expiresDays, scopes, guard })
  if (options.has('json')) {
    const { id, created, expires } = client
    const shown = { id, name, key, created, expires, scopes: client.scopes, guard: guard ?? null }
    terminal.out(JSON.stringify(shown))
    return EXIT.ok
  }
  terminal.note(`client ${name}: its key is shown only now`)
  terminal.out(key)
  return EXIT.ok
}

export function listClients(invocation: Invocation): ExitCode {
  const { terminal, options } = invocation
  const clients = readClients(openSession(invocation).paths.clients)
  if (options.has('json')) {
    // Without the hashes: nobody but the gateway needs them.
    const shown = clients.map(({ id, name, created, expires, scopes, guard = null }) => {
      return { id, name, created, expires, scopes, guard }
    })
    terminal.out(JSON.stringify(shown))
    return EXIT.ok
  }
  if (clients.length === 0) terminal.note('no clients; `secure-llm client add NAME` makes one')
  const nowMs = Date.now()
  for (const line of formatTable(clients.map((client) => clientRow(client, nowMs)))) {
    terminal.out(line)
  }
  return EXIT.ok
}

function clientRow(client: Client, nowMs: number): string[] {
  const { id, name, created, expires, scopes, guard = 'by default' } = client
  const rest = [`may ${scopes.join(', ') || 'nothing'}`, `guard ${guard}`]
  const since = `since ${created.slice(0, 10)}`
  if (expires === null) return [name, id, since, 'does not expire', ...rest]
  const word = Date.parse(expires) <= nowMs ? 'expired' : 'expires'
  return [name, id, since, `${word} ${expires.slice(0, 10)}`, ...rest]
}

export async function revokeClientCommand(invocation: Invocation): Promise<ExitCode> {
  const [nameOrId = ''] = invocation.positionals
  const { name, id } = await revokeClient(openSession(invocation), nameOrId)
  invocation.terminal.note(`client ${name} (${id}): revoked`)
  return EXIT.ok
}

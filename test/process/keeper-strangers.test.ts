/**
 * Another user of the machine at the keeper's sockets, told by the kernel's credentials. Takes root
 * to become one; the judgement itself is in `keeper-permits.test.ts`.
 */
import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  auditRecords,
  makeKeeperState,
  RunningKeeper,
  WirePeer,
} from '../fixtures/keeper-process.ts'

const NOBODY = 65_534

/** Says whether it was connected, and how many bytes came before the end. */
const STRANGER = `
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
heard = b''
try:
    while part := peer.recv(4096): heard += part
except ConnectionResetError: pass
print('connected', len(heard))
`

function connectAs(uid: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { uid, gid: uid, timeout: 10_000, cwd: '/' }
    execFile('/usr/bin/python3', ['-c', STRANGER, path], options, (_, out, err) => {
      resolve(out.trim() || err)
    })
  })
}

test.runIf(process.getuid?.() === 0)(
  'another user gets nothing, and is in the record',
  async () => {
    const state = await makeKeeperState(['one'])
    const keeper = await new RunningKeeper(state, { sets: ['keys.store=file'] }).ready()
    try {
      const sockets = ['gateway', 'cli', 'engine-one']
      const path = (name: string) => join(state.path, 'run', `keeper-${name}.sock`)
      // What a person may do by mistake: the modes are open, the keeper still asks who it is.
      for (const folder of [state.path, join(state.path, 'run')]) chmodSync(folder, 0o755)
      for (const name of sockets) chmodSync(path(name), 0o666)
      for (const name of sockets) expect(await connectAs(NOBODY, path(name))).toBe('connected 0')
      await expect
        .poll(() =>
          auditRecords(state)
            .filter(({ type }) => type === 'wire.refused')
            .map(({ actor, codes }) => [actor, codes?.[0]]),
        )
        .toEqual([
          ['gateway', 'foreign-uid'],
          ['cli', 'foreign-uid'],
          ['engine:one', 'foreign-uid'],
        ])
      // The control: we are let in.
      await new WirePeer(state, 'gateway').hear('keeper.ready')
    } finally {
      await keeper.kill()
      state.remove()
    }
  },
)

/** What root sees of a process from outside, in /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export const ROLES = ['gateway', 'engine', 'keeper'] as const
export type Role = (typeof ROLES)[number]

/** `/proc/PID/task/TID/status` of every thread that is there. */
export function threadStatuses(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return [readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')]
    } catch {
      // It ended between the two looks.
      return []
    }
  })
}

export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8')
        return new RegExp(`^PPid:\\t${pid}$`, 'm').test(status)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Descriptor → what it is: a path, `socket:[INODE]`, `pipe:[INODE]`, `anon_inode:[…]`. */
export function openedBy(pid: number): Map<number, string> {
  const folder = `/proc/${pid}/fd`
  const links = readdirSync(folder).flatMap((number): [number, string][] => {
    try {
      return [[Number(number), readlinkSync(`${folder}/${number}`)]]
    } catch {
      return []
    }
  })
  return new Map(links)
}

/** Inodes of the sockets among what is opened. */
export function socketsIn(opened: ReadonlyMap<number, string>): Set<string> {
  const inodes = [...opened.values()].map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1])
  return new Set(inodes.filter((inode) => inode !== undefined))
}

export interface UnixSocket {
  readonly isListening: boolean
  /** Empty for one that was never bound; an accepted one has its listener's. */
  readonly path: string
}

const SO_ACCEPTCON = 0x1_0000

/** Inode → socket, of the network namespace that `pid` is in. */
export function unixSockets(pid: number): Map<string, UnixSocket> {
  const rows = readFileSync(`/proc/${pid}/net/unix`, 'utf8').trim().split('\n').slice(1)
  return new Map(
    rows.map((row) => {
      const [, , , flags = '', , , inode = '', path = ''] = row.trim().split(/\s+/)
      return [inode, { isListening: (Number.parseInt(flags, 16) & SO_ACCEPTCON) !== 0, path }]
    }),
  )
}

/** Inode → local port, of TCP over IPv4. */
export function tcpPorts(pid: number): Map<string, number> {
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1)
  return new Map(
    rows.map((row) => {
      const fields = row.trim().split(/\s+/)
      return [fields[9] ?? '', Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)]
    }),
  )
}

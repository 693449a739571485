/**
 * The first filter, put on by the launcher before exec: what no process of ours ever needs.
 *
 * All refusals are an errno, so that code which only tries (libuv and io_uring) goes on without.
 *
 * @packageDocumentation
 */
import type { FilterTable, SyscallRule } from './bpf.ts'
import type { Role } from './layers.ts'
import { ERRNO } from './system.ts'

const EPERM = { errno: ERRNO.EPERM } as const
const ENOSYS = { errno: ERRNO.ENOSYS } as const
const EAFNOSUPPORT = { errno: ERRNO.EAFNOSUPPORT } as const

const AF_UNIX = 1
/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
export const NEW_NAMESPACES = 0x7e02_0080
/** Put characters into another program's terminal. */
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c

const FOR_ALL: readonly SyscallRule[] = [
  {
    calls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
    answer: ENOSYS,
    reason:
      'io_uring opens files and sockets past every filter; libuv writes through it under back-pressure and would die under the engine’s last filter, so it must never start with it',
  },
  {
    calls: ['clone3'],
    answer: ENOSYS,
    reason: 'its flags lie behind a pointer that no filter can read; glibc falls back to clone',
  },
  {
    calls: ['clone'],
    when: [{ argument: 0, mask: NEW_NAMESPACES, values: [0] }],
    answer: 'allow',
    otherwise: EPERM,
    reason: 'no namespaces: they give capabilities back inside',
  },
  {
    calls: ['unshare', 'setns', 'chroot', 'pivot_root'],
    answer: EPERM,
    reason: 'the same by other doors',
  },
  {
    calls: [
      'ptrace',
      'process_vm_readv',
      'process_vm_writev',
      'process_madvise',
      'kcmp',
      'pidfd_getfd',
    ],
    answer: EPERM,
    reason: 'no look into another process, nor its descriptors',
  },
  {
    calls: ['bpf', 'perf_event_open', 'userfaultfd'],
    answer: EPERM,
    reason: 'the kernel’s largest doors for exploits; nothing here needs them',
  },
  {
    calls: [
      'kexec_load',
      'kexec_file_load',
      'init_module',
      'finit_module',
      'delete_module',
      'reboot',
    ],
    answer: EPERM,
    reason: 'no other kernel',
  },
  {
    calls: [
      'mount',
      'umount2',
      'move_mount',
      'open_tree',
      'fsopen',
      'fsconfig',
      'fsmount',
      'fspick',
      'mount_setattr',
      'swapon',
      'swapoff',
      'quotactl',
      'quotactl_fd',
      'acct',
    ],
    answer: EPERM,
    reason: 'no change of the file systems, and no swap for locked memory to go to',
  },
  {
    calls: ['name_to_handle_at', 'open_by_handle_at', 'mknod', 'mknodat'],
    answer: EPERM,
    reason: 'files by handle go round paths; device nodes go round files',
  },
  {
    calls: ['add_key', 'request_key', 'keyctl'],
    answer: EPERM,
    reason:
      'the kernel’s keyring forgets at reboot; a key store that fell back to it would lose keys',
  },
  {
    calls: ['iopl', 'ioperm', 'modify_ldt', 'personality', 'vhangup', 'syslog'],
    answer: EPERM,
    reason: 'hardware, old ABIs and the kernel’s log',
  },
  {
    calls: [
      'settimeofday',
      'clock_settime',
      'adjtimex',
      'clock_adjtime',
      'sethostname',
      'setdomainname',
    ],
    answer: EPERM,
    reason: 'the clock stamps the record',
  },
  {
    calls: ['memfd_secret'],
    answer: EPERM,
    reason: 'memory that llama.cpp cannot read, and that nobody here asks for',
  },
  {
    calls: ['ioctl'],
    when: [{ argument: 1, values: [TIOCSTI, TIOCLINUX] }],
    answer: EPERM,
    otherwise: 'allow',
    reason: 'no typing into the terminal that `serve` runs in (CVE-2017-5226)',
  },
]

const BY_ROLE: Readonly<Record<Role, readonly SyscallRule[]>> = {
  gateway: [
    {
      calls: ['socket'],
      when: [{ argument: 0, values: [AF_UNIX] }],
      answer: 'allow',
      otherwise: EAFNOSUPPORT,
      reason:
        'it connects to keeper and engines; the HTTP listener is inherited. Landlock does not see UDP, MPTCP or raw sockets; this does',
    },
    { calls: ['memfd_create'], answer: EPERM, reason: 'no program made of memory' },
  ],
  keeper: [
    {
      calls: ['socket'],
      when: [{ argument: 0, values: [AF_UNIX] }],
      answer: 'allow',
      otherwise: EAFNOSUPPORT,
      reason: 'the keychain is asked over the session bus, a Unix socket; nothing else',
    },
    { calls: ['memfd_create'], answer: EPERM, reason: 'no program made of memory' },
  ],
  engine: [
    {
      calls: ['socket'],
      answer: EAFNOSUPPORT,
      reason: 'every socket it has is inherited',
    },
  ],
}

export function launchFilter(role: Role): FilterTable {
  return { rules: [...FOR_ALL, ...BY_ROLE[role]], rest: 'allow' }
}

/**
 * The second filter, put on by a process on all its threads when it has loaded what it needs.
 *
 * gateway and keeper: no child process. engine: a list of what decoding, an accepting socket and a
 * slow reader need (traced), and death for all else. A file open answers EACCES instead, because
 * Node tries some at odd moments, and a refused open harms nobody.
 *
 * @packageDocumentation
 */
import type { FilterTable, SyscallRule } from './bpf.ts'
import type { Role } from './layers.ts'
import { NEW_NAMESPACES } from './seccomp-launch-rules.ts'
import { ERRNO, PRCTL, PROTECTION } from './system.ts'

const EPERM = { errno: ERRNO.EPERM } as const
const EACCES = { errno: ERRNO.EACCES } as const
const ENOSYS = { errno: ERRNO.ENOSYS } as const
const ENOTTY = { errno: ERRNO.ENOTTY } as const

const CLONE_THREAD = 0x1_0000
const THREAD_ONLY = { argument: 0, mask: CLONE_THREAD | NEW_NAMESPACES, values: [CLONE_THREAD] }
const PR_SET_VMA = 0x5356_4d41
const F_DUPFD_CLOEXEC = 1030
const FIONBIO = 0x5421
const FIOCLEX = 0x5451

const NO_CHILDREN: readonly SyscallRule[] = [
  {
    calls: ['execve', 'execveat', 'fork', 'vfork'],
    answer: EPERM,
    reason: 'it never starts a program',
  },
  { calls: ['clone3'], answer: ENOSYS, reason: 'cannot be inspected; glibc falls back to clone' },
  {
    calls: ['clone'],
    when: [THREAD_ONLY],
    answer: 'allow',
    otherwise: EPERM,
    reason: 'threads, not processes',
  },
]

const DECODING: readonly SyscallRule[] = [
  {
    calls: ['futex', 'sched_yield', 'epoll_pwait', 'epoll_wait', 'read', 'write', 'writev'],
    answer: 'allow',
    reason: 'threads wait, the loop turns, sockets flow; first, because most frequent',
  },
  {
    calls: ['mmap', 'mprotect'],
    when: [{ argument: 2, mask: PROTECTION.execute, values: [0] }],
    answer: 'allow',
    otherwise: 'kill',
    reason: 'memory, but never as code',
  },
  { calls: ['munmap', 'mremap', 'madvise', 'brk'], answer: 'allow', reason: 'memory' },
  {
    calls: ['clone'],
    when: [THREAD_ONLY],
    answer: 'allow',
    otherwise: 'kill',
    reason: 'decode threads come and go; a child process does not',
  },
  { calls: ['clone3'], answer: ENOSYS, reason: 'cannot be inspected; glibc falls back to clone' },
  {
    calls: ['set_robust_list', 'rseq', 'sched_getparam', 'sched_getscheduler', 'gettid', 'getpid'],
    answer: 'allow',
    reason: 'a thread’s first steps',
  },
  {
    calls: ['prctl'],
    when: [
      { argument: 0, values: [PRCTL.setName, PR_SET_VMA, PRCTL.getSeccomp, PRCTL.getDumpable] },
    ],
    answer: 'allow',
    otherwise: 'kill',
    reason: 'names for threads and memory, questions; not PR_SET_DUMPABLE and its like',
  },
  {
    calls: ['rt_sigprocmask', 'rt_sigaction', 'rt_sigreturn', 'restart_syscall'],
    answer: 'allow',
    reason: 'signals; restart_syscall is how a wait goes on after SIGSTOP and SIGCONT',
  },
  {
    calls: ['getppid', 'getuid', 'geteuid', 'getgid', 'getegid'],
    answer: 'allow',
    reason: 'who am I: Node’s process object asks, and the answer is no secret',
  },
  { calls: ['exit', 'exit_group', 'close'], answer: 'allow', reason: 'endings' },
  {
    calls: [
      'clock_nanosleep',
      'clock_gettime',
      'clock_getres',
      'gettimeofday',
      'time',
      'getcpu',
      'getrandom',
    ],
    answer: 'allow',
    reason:
      'time and chance; mostly the vdso, and system calls where a machine’s clock is not in it',
  },
  {
    calls: ['epoll_ctl', 'accept4', 'shutdown', 'poll', 'ppoll'],
    answer: 'allow',
    reason:
      'the inherited listener takes connections; libuv polls when a blocking write is held up',
  },
  {
    calls: ['getsockopt', 'getsockname', 'getpeername'],
    answer: 'allow',
    reason: 'who connected (SO_PEERCRED)',
  },
  {
    calls: ['fcntl'],
    when: [{ argument: 1, values: [1, 2, 3, 4, F_DUPFD_CLOEXEC] }],
    answer: 'allow',
    otherwise: EPERM,
    reason: 'flags of descriptors (F_GETFD to F_SETFL)',
  },
  {
    calls: ['ioctl'],
    when: [{ argument: 1, values: [FIONBIO, FIOCLEX] }],
    answer: 'allow',
    otherwise: ENOTTY,
    reason: 'libuv makes a descriptor non-blocking; nothing is a terminal or a device',
  },
  {
    calls: ['pread64', 'fstat'],
    answer: 'allow',
    reason: '/proc/loadavg is read again through the descriptor opened before',
  },
  {
    calls: ['sysinfo', 'getrusage', 'times', 'sched_getaffinity'],
    answer: 'allow',
    reason: 'load, own use of CPU, number of CPUs',
  },
  {
    calls: ['prlimit64'],
    when: [
      { argument: 2, values: [0] },
      { argument: 2, half: 'high', values: [0] },
    ],
    answer: 'allow',
    otherwise: EPERM,
    reason: 'limits are read (a thread’s stack size), never set',
  },
  {
    calls: [
      'open',
      'openat',
      'openat2',
      'creat',
      'access',
      'faccessat',
      'faccessat2',
      'stat',
      'lstat',
      'newfstatat',
      'statx',
      'statfs',
      'readlink',
      'readlinkat',
      'getcwd',
    ],
    answer: EACCES,
    reason: 'no file any more; Node asks for some (/proc/self/stat) and lives without',
  },
]

/** `abort` may signal its own process, so that a bug does not look like an attack. */
function abortOf(pid: number): SyscallRule {
  return {
    calls: ['tgkill'],
    when: [{ argument: 0, values: [pid] }],
    answer: 'allow',
    otherwise: 'kill',
    reason: 'abort() in llama.cpp ends with SIGABRT, not as an attack; no other process is reached',
  }
}

/** @param pid - Of the process that will put it on. */
export function finalFilter(role: Role, pid: number): FilterTable {
  if (role === 'engine') return { rules: [...DECODING, abortOf(pid)], rest: 'kill' }
  return { rules: NO_CHILDREN, rest: 'allow' }
}

/**
 * Private keys in blocks: PEM, OpenPGP, SSH2 and PuTTY; all of a block goes, however long.
 *
 * @packageDocumentation
 */
import { MORE, NO, type Detector, type Look } from '../detector.ts'

interface BlockKind {
  readonly code: string
  /** What every block begins with. */
  readonly words: string
  readonly sure: RegExp
  /** The beginning of one, as long as the text is not longer. */
  readonly possible: RegExp
  readonly end: RegExp
  readonly example: string
  readonly reason: string
}

const MAX_LINE = 96

const KINDS: readonly BlockKind[] = [
  {
    code: 'output.secret.private-key',
    words: '-----BEGIN ',
    sure: /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/,
    possible: /^-----BEGIN (?:[A-Z0-9 ]{0,57}|[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{1,4})$/,
    end: /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/,
    example: '-----BEGIN PRIVATE KEY-----',
    reason: 'RFC 7468, and ` BLOCK` as OpenPGP armours its keys (RFC 9580)',
  },
  {
    code: 'output.secret.ssh2-private-key',
    words: '---- BEGIN ',
    sure: /^---- BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY ----/,
    possible: /^---- BEGIN (?:[A-Z0-9 ]{0,52}|[A-Z0-9 ]{0,40}PRIVATE KEY -{1,3})$/,
    end: /---- END [A-Z0-9 ]{0,40}PRIVATE KEY ----/,
    example: '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----',
    reason: 'the form of ssh.com for keys',
  },
  {
    code: 'output.secret.putty-private-key',
    words: 'PuTTY-User-Key-File-',
    sure: /^PuTTY-User-Key-File-[23]:/,
    possible: /^PuTTY-User-Key-File-[23]?$/,
    end: /Private-MAC: ?[0-9a-f]{40,64}/,
    example: 'PuTTY-User-Key-File-3: ssh-ed25519',
    reason: 'the PuTTY manual, appendix on the PPK file format',
  },
]

function detectorOf(kind: BlockKind): Detector {
  return {
    code: kind.code,
    class: 'secret',
    maxHoldBackChars: MAX_LINE,
    example: kind.example,
    reason: kind.reason,
    startsWith: (unit) => unit === kind.words.charCodeAt(0),
    // Not asked what stands in front: a sixth dash would hide the block.
    look: (text, at, _before, isEnd): Look => {
      if (!text.startsWith(kind.words, at)) {
        return !isEnd && kind.words.startsWith(text.slice(at)) ? MORE : NO
      }
      const known = text.slice(at, at + MAX_LINE)
      const match = kind.sure.exec(known)
      if (match !== null) {
        const end = at + match[0].length
        return { is: 'yes', end, then: { until: kind.end, untilMaxChars: MAX_LINE } }
      }
      return !isEnd && kind.possible.test(known) ? MORE : NO
    },
  }
}

export const KEY_BLOCKS: readonly Detector[] = KINDS.map(detectorOf)

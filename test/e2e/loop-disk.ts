/**
 * An ext4 file system in a file, so that what a program left on its disk can be read raw, deleted
 * files and the journal included.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MIB = 1024 * 1024

export class LoopDisk {
  readonly folder: string
  /** The file that holds the file system: to be read after `unmount`. */
  readonly image: string
  /** Where it is mounted. */
  readonly path: string
  #isMounted = false

  constructor(mebibytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'loop-disk-'))
    this.image = join(this.folder, 'image')
    this.path = join(this.folder, 'mounted')
    writeFileSync(this.image, '')
    truncateSync(this.image, mebibytes * MIB)
    mkdirSync(this.path)
    try {
      execFileSync('mkfs.ext4', ['-q', this.image], { stdio: 'pipe' })
      execFileSync('mount', ['-o', 'loop,nodiscard', this.image, this.path], { stdio: 'pipe' })
      this.#isMounted = true
    } catch (thrown) {
      this.remove()
      throw thrown
    }
  }

  /** Everything is in the image afterwards. */
  unmount(): void {
    if (!this.#isMounted) return
    execFileSync('sync', ['-f', this.path])
    // -d: the loop device goes with it.
    execFileSync('umount', ['-d', this.path])
    this.#isMounted = false
  }

  remove(): void {
    this.unmount()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Undefined where loop disks work. */
export function whyNoLoopDisk(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting an image needs root'
  try {
    new LoopDisk(8).remove()
    return undefined
  } catch (thrown) {
    return `no loop disk here: ${String(thrown).split('\n', 1)[0] ?? ''}`
  }
}

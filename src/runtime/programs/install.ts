// Brings a program into fnd's cache: whole or not at all, one installer at a time.

import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { bytes, percent } from '../../format.ts'
import { acquireLock } from '../lock.ts'
import type { Progress } from '../runtime.ts'
import { unpackDebianPackage } from './debian.ts'
import { download } from './download.ts'
import type { ProgramSearch } from './find.ts'
import type { ProgramRelease, Target } from './releases.ts'

export interface Installation {
  search: ProgramSearch
  /** The program's folder in the cache. */
  folder: string
  progress: Progress
}

const LOCK_SECONDS = 600

/** Downloads, verifies and unpacks the official release; resolves to the binary. */
export async function installRelease(
  release: ProgramRelease,
  target: Target,
  { search, folder, progress }: Installation,
): Promise<string> {
  const { settings, env, signal } = search
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await using _ = await acquireLock(join(folder, 'lock'), { seconds: LOCK_SECONDS, signal, progress })
  const url = mirrored(release.address(target), settings.programs.mirror)
  const archive = join(folder, basename(new URL(url).pathname))
  const home = join(folder, `release-${release.version}`)
  if (await isThere(home)) return join(home, release.binary)
  await download({
    url,
    checksums: mirrored(release.checksums(target), settings.programs.mirror),
    to: archive,
    env,
    signal,
    onProgress: (done, total) =>
      progress.update(
        total ? `${percentBar(done / total)} ${bytes(done)} of ${bytes(total)}` : `${bytes(done)} downloaded`,
      ),
  })
  progress.update('unpacking')
  const fresh = `${home}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  if (archive.endsWith('.tar.gz')) {
    const { extract } = await import('tar')
    await extract({
      file: archive,
      cwd: fresh,
      strip: 1,
      filter: (path) => !release.keep || release.keep.includes(path.split('/')[1] ?? ''),
    })
  } else {
    await copyFile(archive, join(fresh, release.binary))
    await chmod(join(fresh, release.binary), 0o755)
  }
  await rm(home, { recursive: true, force: true })
  await rename(fresh, home)
  await rm(archive, { force: true })
  return join(home, release.binary)
}

/** Unpacks the Debian package; resolves to the binary. */
export async function installPackage(
  { debian }: ProgramRelease,
  { search, folder, progress }: Installation,
): Promise<string> {
  if (!debian) throw new Error('there is none')
  const { env, signal, paths } = search
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await using _ = await acquireLock(join(folder, 'lock'), { seconds: LOCK_SECONDS, signal, progress })
  const home = join(folder, 'package')
  if (await isThere(home)) return join(home, debian.binary)
  await unpackDebianPackage({
    package: debian.package,
    folder: join(paths.cache, 'apt'),
    to: home,
    env,
    progress,
    signal,
  })
  return join(home, debian.binary)
}

/** Another fnd may have brought it while this one waited for the lock. */
async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined)) !== undefined
}

/** The same path under the mirror's base address. */
function mirrored(address: string, mirror: string | undefined): string {
  return mirror ? `${mirror.replace(/\/$/, '')}${new URL(address).pathname}` : address
}

const BAR_WIDTH = 20

function percentBar(share: number): string {
  const full = Math.floor(share * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent(Math.floor(share * 100) / 100)}`
}

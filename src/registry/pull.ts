// Pulling a version: every file in parallel parts, verified, and the whole folder put into the cache in one step.

import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../config/paths.ts'
import { type Bundle, loadBundle, MANIFEST } from '../detector/bundle.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { acquireLock } from '../runtime/lock.ts'
import { keys, type ModelAddress } from './address.ts'
import { bundleFolder, cachedBundle, modelsFolder, partialFolder } from './cache.ts'
import type { VersionEntry } from './catalogue.ts'
import { downloadFile } from './download.ts'
import type { ObjectStore } from './store.ts'

export interface PullRequest {
  address: ModelAddress
  entry: VersionEntry
  paths: Pick<Paths, 'cache'>
  signal: AbortSignal
  onProgress(bytes: number): void
  /** Says what it waits for. */
  onWait(what: string): void
}

/** Longest wait for another fnd that pulls the same version. */
const LOCK_SECONDS = 600

/**
 * The verified bundle in the cache; fetched when it is not there yet. Interrupted anywhere, the next pull goes on.
 *
 * @throws FndError FND_MODEL_CORRUPT, FND_DISK_FULL, FND_FILE_UNWRITABLE, FND_BUSY, FND_REGISTRY_…; AbortError.
 */
export async function pull(store: ObjectStore, request: PullRequest): Promise<Bundle> {
  const { entry, paths, signal } = request
  const there = await cachedBundle(paths, entry.sha256)
  if (there) return there
  await using _lock = await acquireLock(join(modelsFolder(paths), `${entry.sha256}.lock`), {
    seconds: LOCK_SECONDS,
    signal,
    progress: { update: request.onWait },
  })
  const meanwhile = await cachedBundle(paths, entry.sha256)
  if (meanwhile) return meanwhile
  // What stands there is damaged, and under the lock nobody else is about to mend it.
  await rm(bundleFolder(paths, entry.sha256), { recursive: true, force: true })
  const partial = partialFolder(paths, entry.sha256)
  const files = entry.manifest.files
  const needed = files.reduce((sum, { size }) => sum + size, 0)
  try {
    await mkdir(partial, { recursive: true, mode: 0o700 })
    for (const file of files) await fetchVerified(store, request, file, partial)
    await writeFile(join(partial, MANIFEST), entry.text, { mode: 0o600 })
    for (const { path } of files) await rm(join(partial, `${path}.parts`), { force: true })
    await rename(partial, bundleFolder(paths, entry.sha256))
  } catch (cause) {
    throw await ofTheDisk(cause, modelsFolder(paths), needed)
  }
  return loadBundle(bundleFolder(paths, entry.sha256), { hashed: true })
}

async function fetchVerified(
  store: ObjectStore,
  { address, entry, signal, onProgress }: PullRequest,
  file: VersionEntry['manifest']['files'][number],
  partial: string,
): Promise<void> {
  const to = join(partial, file.path)
  const sha256 = await downloadFile(store, {
    key: keys.file(address, entry.version, file),
    size: file.size,
    to,
    signal,
    onProgress,
  })
  if (sha256 === file.sha256) return
  // Kept, it would be found wrong for ever.
  await Promise.all([rm(to, { force: true }), rm(`${to}.parts`, { force: true })])
  throw new FndError('FND_MODEL_CORRUPT', {
    file: keys.file(address, entry.version, file),
    expected: `SHA-256 ${file.sha256}`,
    found: `SHA-256 ${sha256}`,
  })
}

async function ofTheDisk(cause: unknown, path: string, needed: number): Promise<unknown> {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  const free = await statfs(path)
    .then(({ bavail, bsize }) => bavail * bsize)
    .catch(() => undefined)
  if (('code' in cause && cause.code === 'ENOSPC') || (free !== undefined && free === 0))
    return new FndError('FND_DISK_FULL', { path, needed }, { cause })
  return new FndError('FND_FILE_UNWRITABLE', { path, why: messageOf(cause) }, { cause })
}

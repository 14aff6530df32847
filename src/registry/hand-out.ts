// A copy of a bundle in a folder that the user has named: whole or not at all.

import { cp, mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MANIFEST, parseManifest } from '../detector/bundle.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { acquireLock } from '../runtime/lock.ts'
import type { Progress } from '../runtime/runtime.ts'
import { SIGNATURES } from './cache.ts'

/** All of a copy that is being made stands inside of the folder: beside it, fnd may not be allowed to write. */
const [DRAFT, BEFORE, LOCK] = ['.fnd-new', '.fnd-old', '.fnd-lock']
/** Longest wait for another copy into the same folder, in seconds. */
const LOCK_SECONDS = 60

/**
 * Copies a bundle to a folder: a new one, an empty one, or one that holds another bundle, which is replaced. The
 * folder itself stays the same, so that it may be a mount point, a link, or the working folder.
 *
 * @throws FndError FND_FOLDER_FOREIGN when anything else is in it; FND_FILE_UNWRITABLE, FND_BUSY. It is then as it was.
 */
export async function handOut(
  bundle: string,
  to: string,
  waiting: { signal: AbortSignal; progress: Progress },
): Promise<void> {
  const made = await mkdir(to, { recursive: true }).catch((cause: unknown) => unwritable(to, cause))
  try {
    await using _ = await acquireLock(join(to, LOCK), { ...waiting, seconds: LOCK_SECONDS })
    await replace(bundle, to)
  } catch (cause) {
    if (made) await removeEmpty(to, made)
    throw cause
  }
}

async function replace(bundle: string, to: string): Promise<void> {
  const [draft, before] = [join(to, DRAFT), join(to, BEFORE)]
  await refuseForeign(to)
  const placed: string[] = []
  try {
    // What a copy that was killed had moved away.
    await moveAll(before, to)
    await rm(draft, { recursive: true, force: true })
    const there = await visible(to)
    await cp(bundle, draft, { recursive: true })
    await mkdir(before, { recursive: true })
    for (const name of there) await rename(join(to, name), join(before, name))
    for (const name of await readdir(draft)) {
      await rename(join(draft, name), join(to, name))
      placed.push(name)
    }
  } catch (cause) {
    try {
      for (const name of placed) await rm(join(to, name), { recursive: true })
      await moveAll(before, to)
      await rm(draft, { recursive: true, force: true })
    } catch (error) {
      unwritable(to, cause, `; what was there is in ${before}: ${messageOf(error)}`)
    }
    unwritable(to, cause)
  }
  // The copy is whole: what cannot be removed now goes with the next one.
  for (const folder of [draft, before]) await rm(folder, { recursive: true, force: true }).catch(() => {})
}

function unwritable(path: string, cause: unknown, more = ''): never {
  throw new FndError('FND_FILE_UNWRITABLE', { path, why: messageOf(cause) + more }, { cause })
}

/** What is in a folder, but for what a copy leaves there meanwhile. */
async function visible(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => name !== DRAFT && name !== BEFORE && !name.startsWith(LOCK))
}

/** @throws FndError FND_FOLDER_FOREIGN when anything but a bundle is in the folder, or what was to become one. */
async function refuseForeign(folder: string): Promise<void> {
  const names = await visible(folder)
  if (names.length === 0) return
  const own = await Promise.all([folder, join(folder, BEFORE), join(folder, DRAFT)].map(bundleFiles))
  if (!names.every((name) => own.flat().includes(name)))
    throw new FndError('FND_FOLDER_FOREIGN', { path: folder })
}

/** The files that a bundle in this folder consists of; none where there is no manifest of one. */
async function bundleFiles(folder: string): Promise<string[]> {
  const path = join(folder, MANIFEST)
  try {
    const { files } = parseManifest(await readFile(path, 'utf8'), path)
    return [MANIFEST, SIGNATURES, ...files.map((file) => file.path)]
  } catch {
    return []
  }
}

/** Moves all that is in a folder, over what has the same name there, and removes it; nothing where there is no such folder. */
async function moveAll(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    await rm(join(to, name), { recursive: true, force: true })
    await rename(join(from, name), join(to, name))
  }
  await rm(from, { recursive: true, force: true })
}

/** The folders that were made for the copy, from the innermost out to `outermost`, as long as they are empty. */
async function removeEmpty(innermost: string, outermost: string): Promise<void> {
  try {
    for (let folder = innermost; folder.length >= outermost.length; folder = dirname(folder))
      await rmdir(folder)
  } catch {
    // Somebody else uses it.
  }
}

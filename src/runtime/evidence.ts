// Where the evidence of a failure is kept, and how much of it.

import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../config/paths.ts'
import { FndError, messageOf } from '../errors/error.ts'

const KEPT = 5
/** An ISO 8601 time without its colons; in the order of time when sorted. */
const STAMP = /^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z$/

/**
 * Makes a folder in the cache, where `down` leaves it, and has `save` fill it; of the same stack, the oldest give way.
 * Resolves to the folder.
 *
 * @throws FndError FND_FILE_UNWRITABLE, and what `save` throws of the catalogue.
 */
export async function keepEvidence(
  paths: Paths,
  name: string,
  save: (folder: string) => Promise<void>,
): Promise<string> {
  const all = join(paths.cache, 'evidence')
  const folder = join(all, `${name}-${new Date().toISOString().replaceAll(':', '')}`)
  try {
    await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 })
    await save(folder)
    const own = (await readdir(all)).filter(
      (entry) => entry.startsWith(`${name}-`) && STAMP.test(entry.slice(name.length + 1)),
    )
    for (const entry of own.sort().slice(0, -KEPT))
      await rm(join(all, entry), { recursive: true, force: true })
  } catch (cause) {
    if (cause instanceof FndError) throw cause
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
  return folder
}

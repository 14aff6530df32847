// A copy of a bundle in a folder that the user has named: whole or not at all.

import { randomUUID } from 'node:crypto'
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MANIFEST } from '../detector/bundle.ts'
import { FndError, isFndError, messageOf } from '../errors/error.ts'

/**
 * Copies a bundle to a folder: a new one, an empty one, or one that holds another bundle, which is replaced.
 *
 * @throws FndError FND_FOLDER_FOREIGN when anything else is in it; FND_FILE_UNWRITABLE. It is then as it was.
 */
export async function handOut(bundle: string, to: string): Promise<void> {
  const id = randomUUID().slice(0, 8)
  const [draft, before] = [`${to}.${id}.part`, `${to}.${id}.old`]
  try {
    const there = await readdir(to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    if (there?.length && !there.includes(MANIFEST)) throw new FndError('FND_FOLDER_FOREIGN', { path: to })
    await mkdir(dirname(to), { recursive: true })
    await cp(bundle, draft, { recursive: true })
    if (there) await rename(to, before)
    await rename(draft, to)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    await rename(before, to).catch(() => {})
    if (isFndError(cause)) throw cause
    throw new FndError('FND_FILE_UNWRITABLE', { path: to, why: messageOf(cause) }, { cause })
  }
  await rm(before, { recursive: true, force: true })
}

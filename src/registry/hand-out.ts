// A copy of a bundle in a folder that the user has named: whole or not at all.

import { randomUUID } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST, parseManifest } from '../detector/bundle.ts'
import { FndError, isFndError, messageOf } from '../errors/error.ts'

/** Folders of a copy that was cut short, inside of the one named: beside it, fnd may not be allowed to write. */
const UNFINISHED = '.fnd-'

/**
 * Copies a bundle to a folder: a new one, an empty one, or one that holds another bundle, which is replaced. The
 * folder itself stays the same, so that it may be a mount point, a link, or the working folder.
 *
 * @throws FndError FND_FOLDER_FOREIGN when anything else is in it; FND_FILE_UNWRITABLE. It is then as it was.
 */
export async function handOut(bundle: string, to: string): Promise<void> {
  const id = randomUUID().slice(0, 8)
  const [draft, before] = [join(to, `${UNFINISHED}${id}-new`), join(to, `${UNFINISHED}${id}-old`)]
  const placed: string[] = []
  let made: string | undefined
  try {
    made = await mkdir(to, { recursive: true })
    const there = await ownFiles(to)
    await cp(bundle, draft, { recursive: true })
    await mkdir(before)
    for (const name of there) await rename(join(to, name), join(before, name))
    for (const name of await readdir(draft)) {
      await rename(join(draft, name), join(to, name))
      placed.push(name)
    }
  } catch (cause) {
    if (isFndError(cause)) throw cause
    const why = await putBack(placed, before, to).then(
      () => messageOf(cause),
      (error) => `${messageOf(cause)}; what was there is in ${before}: ${messageOf(error)}`,
    )
    await rm(draft, { recursive: true, force: true }).catch(() => {})
    if (made) await rm(made, { recursive: true, force: true })
    throw new FndError('FND_FILE_UNWRITABLE', { path: to, why }, { cause })
  }
  // The copy is whole: what cannot be removed now goes with the next one.
  for (const folder of [draft, before]) await rm(folder, { recursive: true, force: true }).catch(() => {})
}

/** What is in the folder, which is a bundle's and nothing else. */
async function ownFiles(folder: string): Promise<string[]> {
  const there = await readdir(folder)
  const finished = there.filter((name) => !name.startsWith(UNFINISHED))
  if (finished.length > 0) {
    const files = await bundleFiles(folder)
    if (!finished.every((name) => files.includes(name)))
      throw new FndError('FND_FOLDER_FOREIGN', { path: folder })
  }
  return there
}

/** Those that its manifest lists; none where there is no manifest of a bundle. */
async function bundleFiles(folder: string): Promise<string[]> {
  const path = join(folder, MANIFEST)
  try {
    const { files } = parseManifest(await readFile(path, 'utf8'), path)
    return [MANIFEST, ...files.map((file) => file.path)]
  } catch {
    return []
  }
}

async function putBack(placed: string[], before: string, to: string): Promise<void> {
  for (const name of placed) await rm(join(to, name), { recursive: true })
  for (const name of await readdir(before).catch(() => [])) await rename(join(before, name), join(to, name))
  await rm(before, { recursive: true, force: true })
}

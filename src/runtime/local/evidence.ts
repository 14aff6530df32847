// What explains a failure, saved before anything is rolled back: logs, what was observed, the status.

import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../../config/paths.ts'
import { FndError, messageOf } from '../../errors/error.ts'
import type { Layout } from './layout.ts'
import { observeStatus } from './observe.ts'

const KEPT = 5

/** Saves the evidence in the cache, where `down` leaves it; the oldest give way. Resolves to the folder. */
export async function saveEvidence(layout: Layout, name: string, paths: Paths): Promise<string> {
  const all = join(paths.cache, 'evidence')
  const folder = join(all, `${name}-${new Date().toISOString().replaceAll(':', '')}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(
      join(folder, 'status.json'),
      JSON.stringify(await observeStatus(layout, name), undefined, 2),
      { mode: 0o600 },
    )
    // desired.json stays behind: it may hold an API key.
    for (const part of ['logs', 'observed.json'])
      await cp(join(layout.folder, part), join(folder, part), { recursive: true }).catch(() => {})
    const old = (await readdir(all)).sort().slice(0, -KEPT)
    for (const entry of old) await rm(join(all, entry), { recursive: true, force: true })
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
  return folder
}

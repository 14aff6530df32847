// What explains a failure, saved before anything is rolled back: logs, what was observed, the status.

import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../../config/paths.ts'
import { keepEvidence } from '../evidence.ts'
import type { Layout } from './layout.ts'
import { observeStatus } from './observe.ts'

/** Saves the evidence; resolves to its folder. */
export function saveEvidence(layout: Layout, name: string, paths: Paths): Promise<string> {
  return keepEvidence(paths, name, async (folder) => {
    const status = JSON.stringify(await observeStatus(layout, name), undefined, 2)
    await writeFile(join(folder, 'status.json'), status, { mode: 0o600 })
    // desired.json stays behind: it may hold an API key.
    for (const part of ['logs', 'observed.json'])
      await cp(join(layout.folder, part), join(folder, part), { recursive: true }).catch(() => {})
  })
}

// The record that a stack exists and where it runs; written by every runtime's `up`, removed by its `down`.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Paths } from '../config/paths.ts'
import { FndError, messageOf } from '../errors/error.ts'

const stackRecord = z.object({
  name: z.string(),
  runtime: z.enum(['local', 'kind', 'cluster']),
  /** The Kubernetes context that a stack of runtime `cluster` stands in. */
  context: z.string().optional(),
})

export type StackRecord = z.infer<typeof stackRecord>

const recordFile = (paths: Paths, name: string) => `${paths.stack(name)}/stack.json`

/** The record of a stack; undefined when there is none (or when it is unreadable, as after a full disk). */
export async function readRecord(paths: Paths, name: string): Promise<StackRecord | undefined> {
  try {
    return stackRecord.parse(JSON.parse(await readFile(recordFile(paths, name), 'utf8')))
  } catch {
    return undefined
  }
}

/** Writes the record atomically, in a folder that only its owner can enter. */
export async function writeRecord(paths: Paths, record: StackRecord): Promise<void> {
  const file = recordFile(paths, record.name)
  try {
    await mkdir(paths.stack(record.name), { recursive: true, mode: 0o700 })
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
    await rename(`${file}.new`, file)
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: file, why: messageOf(cause) }, { cause })
  }
}

// The small JSON files that fnd remembers a stack by: whole or not at all, readable by their owner alone.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { FndError, messageOf } from '../errors/error.ts'

/** Reads a state file; undefined when it is absent or damaged (as after a full disk): what is observed then counts. */
export function readState<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * Writes a state file. Synchronous, so that a started child is on record before anything else happens.
 *
 * @param makeFolder also make the folder that it stands in, which only its owner can enter.
 * @throws FndError FND_FILE_UNWRITABLE.
 */
export function writeState(file: string, value: unknown, makeFolder = false): void {
  try {
    if (makeFolder) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: file, why: messageOf(cause) }, { cause })
  }
}

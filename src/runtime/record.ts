// The record that a stack exists and where it runs; written by every runtime's `up`, removed by its `down`.

import { z } from 'zod'
import type { Paths } from '../config/paths.ts'
import { readState, writeState } from './state-file.ts'

const stackRecord = z.object({
  name: z.string(),
  runtime: z.enum(['local', 'kind', 'cluster']),
  /** The Kubernetes context that a stack of runtime `cluster` stands in. */
  context: z.string().optional(),
})

export type StackRecord = z.infer<typeof stackRecord>

const recordFile = (paths: Paths, name: string) => `${paths.stack(name)}/stack.json`

/** The record of a stack; undefined when there is none. */
export function readRecord(paths: Paths, name: string): StackRecord | undefined {
  return readState(recordFile(paths, name), stackRecord)
}

/** Writes the record, in a folder that only its owner can enter. */
export function writeRecord(paths: Paths, record: StackRecord): void {
  writeState(recordFile(paths, record.name), record, true)
}

// The record that a stack exists and where it runs; written by every runtime's `up`, removed by its `down`.

import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Paths } from '../config/paths.ts'
import { COMPONENTS } from './runtime.ts'
import { readState, writeState } from './state-file.ts'

const stackRecord = z.object({
  name: z.string(),
  runtime: z.enum(['local', 'kind', 'cluster']),
  /** The Kubernetes context that a stack of runtime `cluster` stands in. */
  context: z.string().optional(),
  /** Its ports of this machine, so that another stack can say whose a port is. */
  ports: z.partialRecord(z.enum(COMPONENTS), z.number()).optional(),
})

export type StackRecord = z.infer<typeof stackRecord>

const recordFile = (paths: Paths, name: string) => `${paths.stack(name)}/stack.json`

/** The record of a stack; undefined when there is none. */
export function readRecord(paths: Paths, name: string): StackRecord | undefined {
  return readState(recordFile(paths, name), stackRecord)
}

/** The records of all stacks but the one of this name; without a name, of all. */
export function otherRecords(paths: Paths, name?: string): StackRecord[] {
  const folder = dirname(paths.stack('any'))
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.flatMap((other) => (other === name ? [] : (readRecord(paths, other) ?? [])))
}

/** The name of the stack among these that holds a port; undefined where it is none of them. */
export function holderOf(port: number, records: readonly StackRecord[]): string | undefined {
  return records.find(({ ports }) => Object.values(ports ?? {}).includes(port))?.name
}

/** Writes the record, in a folder that only its owner can enter. */
export function writeRecord(paths: Paths, record: StackRecord): void {
  writeState(recordFile(paths, record.name), record, true)
}

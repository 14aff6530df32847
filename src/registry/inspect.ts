// Whether every object of a version in the registry is what its manifest says, read anew and byte by byte.

import { createHash } from 'node:crypto'
import { isFndError, messageOf } from '../errors/error.ts'
import { keys, type ModelAddress } from './address.ts'
import type { VersionEntry } from './catalogue.ts'
import type { ObjectStore } from './store.ts'

export interface Inspected {
  path: string
  size: number
  /** Absent when the object is what it should be. */
  problem?: string
}

/** Reads each file of a version and compares it with the manifest; nothing is written. */
export async function* inspect(
  store: ObjectStore,
  address: ModelAddress,
  { version, manifest }: VersionEntry,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): AsyncIterable<Inspected> {
  for (const file of manifest.files) {
    const key = keys.file(address, version, file)
    const { path, size } = file
    const facts = await store.facts(key)
    if (!facts) yield { path, size, problem: 'it is not there' }
    else if (facts.size !== size) yield { path, size, problem: `it has ${facts.size} bytes, not ${size}` }
    else {
      const found = await hashOf(store, key, size, signal, onProgress)
      yield {
        path,
        size,
        ...(found === file.sha256 ? {} : { problem: `SHA-256 is ${found}, not ${file.sha256}` }),
      }
    }
  }
}

async function hashOf(
  store: ObjectStore,
  key: string,
  size: number,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256')
  if (size === 0) return hash.digest('hex')
  try {
    for await (const chunk of await store.range(key, 0, size - 1, signal)) {
      hash.update(chunk)
      onProgress(chunk.length)
    }
    return hash.digest('hex')
  } catch (error) {
    signal.throwIfAborted()
    if (isFndError(error)) throw error
    return `unknown: reading broke off (${messageOf(error)})`
  }
}

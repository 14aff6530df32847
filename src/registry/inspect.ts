// Whether every object of a version in the registry is what its manifest says, read anew and byte by byte.

import { createHash } from 'node:crypto'
import type { InspectedFile } from '../detector/bundle.ts'
import { FndError, isFndError, messageOf } from '../errors/error.ts'
import { keys, type ModelAddress } from './address.ts'
import type { VersionEntry } from './catalogue.ts'
import type { ObjectStore } from './store.ts'
import { under } from './under.ts'

/**
 * Reads each file of a version and compares it with the manifest; nothing is written.
 *
 * @throws FndError FND_REGISTRY_CUT_OFF where a file cannot be read to its end: that says nothing about the file.
 */
export async function* inspect(
  store: ObjectStore,
  address: ModelAddress,
  { version, manifest }: VersionEntry,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): AsyncIterable<InspectedFile> {
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
  let done = 0
  const cutOff = (why: string, cause?: unknown): FndError =>
    new FndError('FND_REGISTRY_CUT_OFF', { file: key, done, total: size, why }, { cause })
  try {
    await under(signal, async (own) => {
      for await (const chunk of await store.range(key, 0, size - 1, own)) {
        hash.update(chunk)
        done += chunk.length
        onProgress(chunk.length)
      }
    })
  } catch (error) {
    signal.throwIfAborted()
    throw isFndError(error) ? error : cutOff(messageOf(error), error)
  }
  if (done < size) throw cutOff('the connection ended early')
  return hash.digest('hex')
}

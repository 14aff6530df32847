// Pushing a bundle: its files and its signature first, its manifest last and only if there is none yet. The manifest makes the version visible.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bundle, MANIFEST } from '../detector/bundle.ts'
import { FndError } from '../errors/error.ts'
import { addressText, isPlainName, keys, type ModelAddress } from './address.ts'
import { readVersion } from './catalogue.ts'
import { type SigningKey, signManifest, writeSignature } from './signature.ts'
import type { ObjectStore } from './store.ts'

export interface PushRequest {
  /** Verified. */
  bundle: Bundle
  address: ModelAddress
  /** user@host, kept beside the manifest. */
  by: string
  /** Signs the manifest; absent: it stays unsigned, or as it was signed before. */
  signer?: SigningKey | undefined
  /** Only say what would be done. */
  dryRun: boolean
  signal: AbortSignal
  onProgress(bytes: number): void
}

export interface Pushed {
  version: string
  sha256: string
  /** False when the same bundle was there already (or with dryRun). */
  created: boolean
  /** Absent when nobody was to sign. `created` is false when it was there already (or with dryRun). */
  signature?: { key: string; created: boolean }
  files: { path: string; size: number /** False when it was there already. */; uploaded: boolean }[]
}

/**
 * Makes the bundle a version of the model. Interrupted anywhere, nothing is visible, and the next push takes over the
 * files that had arrived. Of two pushes of one version at once, one wins. A version that is there can be signed by another
 * push of the same bundle.
 *
 * @throws FndError FND_REGISTRY_ADDRESS for another model's bundle, FND_VERSION_EXISTS when the version is there with other content, FND_REGISTRY_….
 */
export async function push(store: ObjectStore, request: PushRequest): Promise<Pushed> {
  const { bundle, address, by, signer, dryRun, signal, onProgress } = request
  const { name, version, sha256 } = bundle.identity
  if (name !== address.name)
    throw new FndError('FND_REGISTRY_ADDRESS', {
      address: addressText(address),
      problem: `the bundle is called ${name}, so its address ends with /${name}`,
    })
  if (!isPlainName(version))
    throw new FndError('FND_MODEL_UNUSABLE', {
      place: bundle.folder,
      why: `its version '${version}' cannot be a part of an address`,
    })
  const same = await existing(store, request)
  const files: Pushed['files'] = []
  for (const file of bundle.manifest.files) {
    const key = keys.file(address, version, file)
    const there = same ? { size: file.size, metadata: { sha256: file.sha256 } } : await store.facts(key)
    const uploaded = there?.size !== file.size || there.metadata.sha256 !== file.sha256
    files.push({ path: file.path, size: file.size, uploaded })
    if (!uploaded || dryRun) {
      onProgress(file.size)
      continue
    }
    let before = 0
    await store.upload({
      key,
      path: join(bundle.folder, file.path),
      size: file.size,
      metadata: { sha256: file.sha256 },
      signal,
      onProgress: (loaded) => {
        onProgress(loaded - before)
        before = loaded
      },
    })
  }
  const done = { version, sha256, files }
  if (dryRun)
    return { ...done, created: false, ...(signer && { signature: { key: signer.id, created: false } }) }
  const text = await readFile(join(bundle.folder, MANIFEST), 'utf8')
  // Before the manifest: a version is never visible without the signature that it is to have.
  const signature = signer && {
    key: signer.id,
    created: await writeSignature(store, address, { version, sha256 }, signManifest(text, signer)),
  }
  const pushed = (created: boolean): Pushed => ({ ...done, created, ...(signature && { signature }) })
  if (same) return pushed(false)
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (await store.create(keys.manifest(address, version), text, { sha256, by })) return pushed(true)
    // Another push of the same bundle was first, or an attempt of this one whose answer got lost.
    if (await existing(store, request)) return pushed(false)
    // Two at the same moment may both be refused (409): then there is none yet.
    await sleep(Math.random() * CONFLICT_PAUSE_MS, undefined, { signal })
  }
  throw new FndError('FND_REGISTRY_FAILED', {
    place: store.place,
    why: `it refused the manifest of ${addressText({ ...address, version })} ${TRIES} times, though there is none`,
  })
}

const CONFLICT_PAUSE_MS = 200
const TRIES = 30

/** Whether the version is there as this very bundle. @throws FndError FND_VERSION_EXISTS when it is another. */
async function existing(store: ObjectStore, { address, bundle }: PushRequest): Promise<boolean> {
  const { version, sha256 } = bundle.identity
  const there = await readVersion(store, address, version)
  if (there && there.sha256 !== sha256)
    throw new FndError('FND_VERSION_EXISTS', {
      address: addressText({ ...address, version }),
      there: there.sha256,
      yours: sha256,
    })
  return there !== undefined
}

// What a registry holds of one model: its versions and their manifests.

import { createHash } from 'node:crypto'
import { type Manifest, parseManifest } from '../detector/bundle.ts'
import { FndError, isFndError } from '../errors/error.ts'
import { excerpt } from '../errors/excerpt.ts'
import { addressText, isPlainName, keys, type ModelAddress } from './address.ts'
import type { ObjectStore } from './store.ts'

/** A version as the registry has it. */
export interface VersionEntry {
  version: string
  sha256: string
  /** Who pushed it: user@host. */
  by: string
  /** When it was pushed. */
  at: Date
  manifest: Manifest
  /** The manifest, byte for byte. */
  text: string
}

/** Names of versions, visible or not; what else may lie there cannot be addressed. */
const versionNames = async (store: ObjectStore, address: ModelAddress): Promise<string[]> =>
  (await store.folders(keys.versions(address))).filter(isPlainName)

/** Names of the versions that are visible: those with a manifest. */
export async function knownVersions(store: ObjectStore, address: ModelAddress): Promise<string[]> {
  const names = await versionNames(store, address)
  const visible = await Promise.all(
    names.map((version) => store.facts(keys.manifest(address, version)).then((facts) => facts && version)),
  )
  return visible.filter((version) => version !== undefined)
}

/**
 * One version; undefined where there is none that is visible.
 *
 * @throws FndError FND_REGISTRY_DAMAGED for a manifest that is not what was pushed.
 */
export async function readVersion(
  store: ObjectStore,
  address: ModelAddress,
  version: string,
): Promise<VersionEntry | undefined> {
  const found = await store.text(keys.manifest(address, version))
  if (!found) return undefined
  const what = `${addressText({ ...address, version })}: manifest.json`
  const sha256 = createHash('sha256').update(found.text).digest('hex')
  if (found.metadata.sha256 !== undefined && found.metadata.sha256 !== sha256)
    throw new FndError('FND_REGISTRY_DAMAGED', {
      what,
      problem: `SHA-256 ${sha256}, pushed ${excerpt(found.metadata.sha256)}`,
    })
  const manifest = parseManifest(found.text, what)
  // Else a signed manifest could be put under another version's name.
  if (manifest.name !== address.name || manifest.version !== version)
    throw new FndError('FND_REGISTRY_DAMAGED', {
      what,
      problem: `it is the manifest of ${excerpt(manifest.name)} ${excerpt(manifest.version)}`,
    })
  return {
    version,
    sha256,
    by: found.metadata.by ?? 'unknown',
    at: found.at,
    manifest,
    text: found.text,
  }
}

/** One version. @throws FndError FND_VERSION_UNKNOWN, FND_REGISTRY_DAMAGED. */
export async function needVersion(
  store: ObjectStore,
  address: ModelAddress,
  version: string,
): Promise<VersionEntry> {
  const entry = await readVersion(store, address, version)
  if (entry) return entry
  throw new FndError('FND_VERSION_UNKNOWN', {
    address: addressText({ ...address, version }),
    known: await knownVersions(store, address),
  })
}

/** What lies in a registry but cannot be read, by name, and why. */
export type Damaged = Map<string, string>

/** S3 tells times in whole seconds: what was pushed within one goes by its number. */
const byVersion = new Intl.Collator('en', { numeric: true })

/** All visible versions, the newest first; those whose manifest is damaged apart. */
export async function listVersions(
  store: ObjectStore,
  address: ModelAddress,
): Promise<{ versions: VersionEntry[]; damaged: Damaged }> {
  const damaged: Damaged = new Map()
  const names = await versionNames(store, address)
  const entries = await Promise.all(
    names.map((version) =>
      readVersion(store, address, version).catch((error: unknown) => {
        damaged.set(version, problemOf(error))
        return undefined
      }),
    ),
  )
  const versions = entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.at.getTime() - a.at.getTime() || byVersion.compare(b.version, a.version))
  return { versions, damaged }
}

/** What is wrong with one object; anything that is no fault of the object is thrown on. */
export function problemOf(error: unknown): string {
  if (isFndError(error, 'FND_REGISTRY_DAMAGED') || isFndError(error, 'FND_MODEL_UNUSABLE'))
    return error.message
  throw error
}

// From a model source (bundled, base, fast, folder, s3://…@version, s3://…#alias) to a folder on this machine.

import type { Paths } from '../config/paths.ts'
import type { Bundle } from '../detector/bundle.ts'
import { FndError, isFndError } from '../errors/error.ts'
import {
  addressText,
  isRegistrySource,
  type ModelAddress,
  type ModelReference,
  parseReference,
} from './address.ts'
import { type AliasState, readAlias, unknownAlias } from './alias.ts'
import { cachedBundle, forgetOld, keepSignatures, lastCopy, type Proof, remember, touch } from './cache.ts'
import { needVersion, type VersionEntry } from './catalogue.ts'
import { openRegistry, type RegistryAccess } from './open.ts'
import { pull } from './pull.ts'
import { demandTrust, signedVersion, type TrustedKey } from './signature.ts'
import type { ObjectStore } from './store.ts'

/** What is said while a model comes. */
export interface SourceTalk {
  /** A download begins; `advance` counts bytes. */
  fetching(what: string, bytes: number): { advance(bytes: number): void; end(): void }
  waiting(what: string): void
  /** The registry is away and an older copy is used: to be said loudly. */
  fallback(text: string): void
}

export interface SourceRequest extends RegistryAccess {
  paths: Pick<Paths, 'cache'>
  now: () => number
  talk: SourceTalk
  /** Fetch nothing: what is not on this machine is told. */
  offline: boolean
  /** Of these keys one must have signed a version of a registry; none: nothing is demanded. */
  trusted: readonly TrustedKey[]
  /** The copy to fall back on; default: what the registry said last. */
  prefer?: Proof
}

/** A model that lies on this machine. */
export interface LocalModel {
  /** The name of a model that ships with fnd, or a folder, as the detector takes it. */
  place: string
  /** For one of a registry, verified just now. */
  bundle?: Bundle
  /** The registry could not be asked: what its alias means now may be another. */
  stale: boolean
}

/** Whether the registry, or the way to it, is at fault, not what lies in it: what is known of it still holds. */
export const isRegistryAway = (error: unknown): error is FndError =>
  isFndError(error) &&
  error.code.startsWith('FND_REGISTRY_') &&
  error.code !== 'FND_REGISTRY_ADDRESS' &&
  error.code !== 'FND_REGISTRY_DAMAGED'

/**
 * Brings the model to this machine where it is not there yet. A version that is cached needs no registry; an alias falls
 * back on what it last meant when the registry is away.
 *
 * @throws FndError FND_REGISTRY_…, FND_VERSION_UNKNOWN, FND_ALIAS_UNKNOWN, FND_MODEL_CORRUPT, FND_DISK_FULL,
 *   FND_MODEL_OFFLINE, FND_MODEL_UNTRUSTED; AbortError.
 */
export async function bringModel(source: string, request: SourceRequest): Promise<LocalModel> {
  if (!isRegistrySource(source)) return { place: source, stale: false }
  const reference = parseReference(source)
  const { paths, talk, offline, prefer, trusted } = request
  let refusal: FndError | undefined
  const copyHere = () =>
    lastCopy(paths, reference, {
      trusted,
      prefer,
      refused: (error) => {
        refusal ??= error
      },
    })
  const moves = 'alias' in reference
  const copy = moves && !offline ? undefined : await copyHere()
  if (copy) return { place: copy.bundle.folder, bundle: copy.bundle, stale: moves }
  if (offline) throw refusal ?? new FndError('FND_MODEL_OFFLINE', { address: addressText(reference) })
  try {
    using store = await openRegistry(reference.bucket, request)
    const entry = await resolveReference(store, reference)
    return await bringVersion(store, reference, entry, request)
  } catch (error) {
    if (!isRegistryAway(error) && !isFndError(error, 'FND_REGISTRY_DAMAGED')) throw error
    const old = await copyHere()
    if (!old) throw error
    const { version, at } = old.meaning
    talk.fallback(
      `${error.message}. Using the last verified copy of ${addressText(reference)}: version ${version} of ${at}`,
    )
    return { place: old.bundle.folder, bundle: old.bundle, stale: true }
  }
}

/** The version that a reference means now. @throws FndError FND_VERSION_UNKNOWN, FND_ALIAS_UNKNOWN, FND_REGISTRY_…. */
export async function resolveReference(store: ObjectStore, reference: ModelReference): Promise<VersionEntry> {
  if ('version' in reference) return needVersion(store, reference, reference.version)
  const found = await readAlias(store, reference, reference.alias)
  if (!found) throw await unknownAlias(store, reference)
  return entryOf(store, reference, found.state)
}

/** The version that an alias in this state points to. @throws FndError FND_VERSION_UNKNOWN, FND_REGISTRY_…. */
export async function entryOf(
  store: ObjectStore,
  reference: ModelAddress & { version?: string; alias?: string },
  { version, sha256 }: Pick<AliasState, 'version' | 'sha256'>,
): Promise<VersionEntry> {
  const entry = await needVersion(store, reference, version)
  if (entry.sha256 !== sha256)
    throw new FndError('FND_REGISTRY_DAMAGED', {
      what: addressText(reference),
      problem: `it names version ${version} with manifest ${sha256}, the version's own is ${entry.sha256}`,
    })
  return entry
}

/** Pulls one version and notes what the reference means. @throws FndError FND_MODEL_UNTRUSTED before anything is fetched. */
export async function bringVersion(
  store: ObjectStore,
  reference: ModelReference,
  entry: VersionEntry,
  request: SourceRequest,
): Promise<LocalModel> {
  const bundle = await fetchVersion(store, reference, entry, request)
  const { version, sha256 } = entry
  await remember(request.paths, reference, { version, sha256, now: request.now() }, 'pulled')
  await makeRoom(sha256, request)
  return { place: bundle.folder, bundle, stale: false }
}

/** Pulls one version that no reference means: as nothing is noted of it, it goes when others are wanted. @throws As bringVersion. */
export async function bringBeside(
  store: ObjectStore,
  address: ModelAddress,
  entry: VersionEntry,
  request: SourceRequest,
): Promise<Bundle> {
  const bundle = await fetchVersion(store, address, entry, request)
  await makeRoom(entry.sha256, request)
  return bundle
}

async function makeRoom(sha256: string, { paths, now, settings: { retain } }: SourceRequest): Promise<void> {
  if (retain === undefined) return
  await touch(paths, sha256, now())
  await forgetOld(paths, retain)
}

async function fetchVersion(
  store: ObjectStore,
  address: ModelAddress,
  entry: VersionEntry,
  { paths, signal, talk, trusted }: SourceRequest,
): Promise<Bundle> {
  const { version, sha256, manifest } = entry
  const signed = await signedVersion(store, address, entry)
  demandTrust(signed, trusted)
  let bundle = await cachedBundle(paths, sha256)
  if (!bundle) {
    const total = manifest.files.reduce((sum, { size }) => sum + size, 0)
    const bar = talk.fetching(`${manifest.name} ${version}`, total)
    bundle = await pull(store, {
      address,
      entry,
      paths,
      signal,
      onProgress: (bytes) => bar.advance(bytes),
      onWait: talk.waiting,
    })
    bar.end()
  }
  await keepSignatures(bundle, signed.signatures)
  return bundle
}

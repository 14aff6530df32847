// What the subcommands of `fnd model` have in common: the registry of an address, who acts, what a command line names.

import { hostname, userInfo } from 'node:os'
import { type Bundle, loadBundle } from '../../detector/bundle.ts'
import { isRegistrySource, type ModelReference, parseReference } from '../../registry/address.ts'
import type { VersionEntry } from '../../registry/catalogue.ts'
import { openRegistry } from '../../registry/open.ts'
import { type TrustedKey, trustedKeys } from '../../registry/signature.ts'
import { bringVersion, resolveReference } from '../../registry/source.ts'
import type { ObjectStore } from '../../registry/store.ts'
import type { Context } from '../command.ts'
import { sourceRequest } from '../local-model.ts'

/** Opens the bucket of an address with the settings of this call. */
export async function registryOf(address: { bucket: string }, ctx: Context): Promise<ObjectStore> {
  const { registry } = await ctx.settings()
  return openRegistry(address.bucket, { settings: registry, env: ctx.env, signal: ctx.signal })
}

/** Who acts, for the history: user@host. */
export function actor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run as a user that has no name.
    return `unknown@${hostname()}`
  }
}

/** A model named on the command line: on this machine, or a version of a registry (not fetched). */
export type NamedModel =
  | { kind: 'local'; bundle: Bundle }
  | { kind: 'registry'; reference: ModelReference; store: ObjectStore; entry: VersionEntry }

/** Opens what a command line names. Dispose of the store of a registry's. */
export async function namedModel(source: string, ctx: Context): Promise<NamedModel> {
  if (!isRegistrySource(source)) return { kind: 'local', bundle: await loadBundle(source) }
  const reference = parseReference(source)
  const store = await registryOf(reference, ctx)
  try {
    return { kind: 'registry', reference, store, entry: await resolveReference(store, reference) }
  } catch (error) {
    store[Symbol.dispose]()
    throw error
  }
}

/** The bundle of a named model on this machine, fetched where it is not there yet. */
export async function bundleOf(model: NamedModel, ctx: Context): Promise<Bundle> {
  if (model.kind === 'local') return model.bundle
  const request = sourceRequest(await ctx.settings(), ctx)
  const { place, bundle } = await bringVersion(model.store, model.reference, model.entry, request)
  return bundle ?? loadBundle(place)
}

/** The keys of registry.trustedKeys. @throws FndError FND_SETTINGS_INVALID. */
export const trustedBy = async (ctx: Context): Promise<TrustedKey[]> =>
  trustedKeys((await ctx.settings()).registry.trustedKeys, ctx.cwd)

/** A positional argument that commander has made sure of. */
export const word = (argument: string | readonly string[] | undefined): string =>
  typeof argument === 'string' ? argument : ''

// Watches an alias and brings each version that it is moved to onto this machine.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ModelReference } from './address.ts'
import { addressText, keys } from './address.ts'
import { type CanaryState, parseAlias } from './alias.ts'
import { openRegistry } from './open.ts'
import { bringBeside, bringVersion, entryOf, isRegistryAway, type SourceRequest } from './source.ts'
import type { ObjectStore } from './store.ts'

/** Longest pause, in seconds, before a version that was damaged is fetched again. */
const LONGEST_PAUSE = 900

/** A version that an alias means; it lies on this machine, verified. */
export interface Wanted {
  place: string
  version: string
  sha256: string
}

/** What an alias means from now on. */
export interface Meant {
  /** Absent where it points to the same version as before. */
  serving?: Wanted
  /** What stands beside it; absent where nothing does. */
  canary?: Wanted & Pick<CanaryState, 'mode' | 'share'>
}

export interface FollowRequest extends SourceRequest {
  /** Seconds between two looks, give or take a fifth: many instances do not ask at once. */
  poll: number
  /**
   * The version could not be had. With the registry away it is tried again at the next look; one that is damaged ever
   * more seldom, or once the alias has moved. Told once until it works or changes; with the version where it is the canary.
   */
  failed(error: unknown, canary?: string): void
}

/**
 * Yields whenever the alias means another version than before, or another canary; `from` is the manifest hash that it meant
 * first. Looks at once, then every `poll` seconds; a look that finds nothing new costs the registry one answer without a
 * body (ETag). Ends when the signal is aborted.
 */
export async function* followAlias(
  reference: ModelReference & { alias: string },
  from: string,
  request: FollowRequest,
): AsyncIterable<Meant> {
  const { poll, signal, failed } = request
  using store = await openRegistry(reference.bucket, request)
  let meant = from
  let beside: Meant['canary']
  /** The manifest hash of the canary that was named last, had or not. */
  let named: string | undefined
  let etag = ''
  let trouble = ''
  let refused: { etag: string; pause: number; until: number } | undefined
  do {
    let seen = ''
    let bringing: string | undefined
    try {
      const found = await look(store, reference, etag)
      if (found === 'same' || found === undefined) {
        trouble = ''
        continue
      }
      seen = found.etag
      if (refused?.etag === seen && performance.now() < refused.until) continue
      const { state } = found
      const { canary } = state
      let serving: Wanted | undefined
      if (state.sha256 !== meant) {
        const entry = await entryOf(store, reference, state)
        const { place } = await bringVersion(store, reference, entry, request)
        serving = { place, version: state.version, sha256: state.sha256 }
        meant = state.sha256
      }
      // One that is to go, or is not what stands there already, goes before the next is fetched.
      const goes = named !== undefined && named !== canary?.sha256
      if (goes) beside = undefined
      if (serving || goes) yield { ...(serving ? { serving } : {}), ...(beside ? { canary: beside } : {}) }
      named = canary?.sha256
      if (canary && (beside?.share !== canary.share || beside.mode !== canary.mode)) {
        bringing = canary.version
        beside = await bringCanary(store, reference, canary, beside, request)
        bringing = undefined
        yield { canary: beside }
      }
      etag = found.etag
      trouble = ''
      refused = undefined
    } catch (error) {
      if (signal.aborted) return
      if (seen && !isRegistryAway(error)) {
        const pause = Math.min(2 * (refused?.etag === seen ? refused.pause : poll), LONGEST_PAUSE)
        refused = { etag: seen, pause, until: performance.now() + pause * 1000 }
      }
      const text = String(error)
      if (text !== trouble) failed(error, bringing)
      trouble = text
    }
  } while (await pause(poll, signal))
}

async function bringCanary(
  store: ObjectStore,
  { bucket, root, name }: ModelReference,
  { version, sha256, mode, share }: CanaryState,
  known: Wanted | undefined,
  request: FollowRequest,
): Promise<Wanted & Pick<CanaryState, 'mode' | 'share'>> {
  if (known) return { ...known, mode, share }
  const address = { bucket, root, name, version }
  const entry = await entryOf(store, address, { version, sha256 })
  // What the alias was last known to mean is the one that serves.
  const { folder } = await bringBeside(store, address, entry, request)
  return { place: folder, version, sha256, mode, share }
}

async function look(
  store: ObjectStore,
  reference: ModelReference & { alias: string },
  etag: string,
): Promise<'same' | undefined | { state: ReturnType<typeof parseAlias>; etag: string }> {
  const found = await store.text(keys.alias(reference, reference.alias), etag)
  if (found === 'same' || found === undefined) return found
  return { state: parseAlias(found.text, addressText(reference)), etag: found.etag }
}

/** False when there is nothing more to wait for. */
async function pause(seconds: number, signal: AbortSignal): Promise<boolean> {
  return sleep(seconds * 1000 * (0.8 + 0.4 * Math.random()), true, { signal }).catch(() => false)
}

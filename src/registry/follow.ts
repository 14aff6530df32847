// Watches an alias and brings each version that it is moved to onto this machine.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ModelReference } from './address.ts'
import { addressText, keys } from './address.ts'
import { parseAlias } from './alias.ts'
import { openRegistry } from './open.ts'
import { bringVersion, entryOf, isRegistryAway, type SourceRequest } from './source.ts'
import type { ObjectStore } from './store.ts'

/** Longest pause, in seconds, before a version that was damaged is fetched again. */
const LONGEST_PAUSE = 900

/** A version that an alias has been moved to; it lies on this machine, verified. */
export interface Wanted {
  place: string
  version: string
  sha256: string
}

export interface FollowRequest extends SourceRequest {
  /** Seconds between two looks, give or take a fifth: many instances do not ask at once. */
  poll: number
  /**
   * The version could not be had. With the registry away it is tried again at the next look; one that is damaged ever
   * more seldom, or once the alias has moved. Told once until it works or changes.
   */
  failed(error: unknown): void
}

/**
 * Yields a version whenever the alias means another than before; `from` is the manifest hash that it meant first. Looks
 * that find nothing new cost the registry one answer without a body (ETag). Ends when the signal is aborted.
 */
export async function* followAlias(
  reference: ModelReference & { alias: string },
  from: string,
  request: FollowRequest,
): AsyncIterable<Wanted> {
  const { poll, signal, failed } = request
  using store = await openRegistry(reference.bucket, request)
  let meant = from
  let etag = ''
  let trouble = ''
  let refused: { etag: string; pause: number; until: number } | undefined
  while (await pause(poll, signal)) {
    let seen = ''
    try {
      const found = await look(store, reference, etag)
      if (found === 'same' || found === undefined) {
        trouble = ''
        continue
      }
      seen = found.etag
      if (refused?.etag === seen && performance.now() < refused.until) continue
      const { state } = found
      if (state.sha256 !== meant) {
        const entry = await entryOf(store, reference, state)
        const { place } = await bringVersion(store, reference, entry, request)
        meant = state.sha256
        yield { place, version: state.version, sha256: state.sha256 }
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
      if (text !== trouble) failed(error)
      trouble = text
    }
  }
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

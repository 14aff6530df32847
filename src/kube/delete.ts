// Removes exactly the objects of one stack and waits until they, and the pods behind them, are gone.

import { setTimeout as sleep } from 'node:timers/promises'
import { FndError } from '../errors/error.ts'
import { type Ownership, ownedObjects } from './apply.ts'
import type { KubeClient } from './client.ts'
import { titleOf } from './object.ts'
import { podsOf } from './pods.ts'

const POLL_MS = 500

/**
 * @returns the names of what was removed; empty when there was nothing.
 * @throws FndError FND_TIMEOUT naming what is still there.
 */
export async function deleteOwned(
  client: KubeClient,
  owner: Ownership,
  { seconds, signal, onLeft }: { seconds: number; signal: AbortSignal; onLeft: (left: string[]) => void },
): Promise<string[]> {
  const owned = await ownedObjects(client, owner)
  for (const object of owned) await client.remove(object)
  const start = performance.now()
  for (;;) {
    const left = await leftOvers(client, owner)
    if (!left.length) return owned.map(titleOf)
    onLeft(left)
    if (performance.now() - start >= seconds * 1000)
      throw new FndError('FND_TIMEOUT', {
        what: 'the objects to be gone',
        seconds,
        last: `still there: ${left.join(', ')}`,
      })
    await sleep(POLL_MS, undefined, { signal })
  }
}

async function leftOvers(client: KubeClient, owner: Ownership): Promise<string[]> {
  const [objects, ...pods] = await Promise.all([
    ownedObjects(client, owner),
    ...owner.namespaces.map((namespace) => podsOf(client, { namespace, labels: owner.selector })),
  ])
  return [
    ...objects.map(titleOf),
    ...pods.flat().map(({ metadata }) => `Pod ${metadata.namespace}/${metadata.name}`),
  ]
}

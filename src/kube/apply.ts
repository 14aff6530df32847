// Brings a cluster to the wanted objects: dry run first, then only what differs is applied, then what is no longer wanted goes.

import { isDeepStrictEqual } from 'node:util'
import { FndError } from '../errors/error.ts'
import type { KubeClient } from './client.ts'
import { NAMESPACE, OWNED_KINDS } from './kinds.ts'
import { declaredPart, type KubeObject, type KubeRef, titleOf } from './object.ts'

/** What belongs to a stack. */
export interface Ownership {
  /** The label that every object of the stack carries, and its value. */
  label: string
  stack: string
  /** Selector of all objects of the stack. */
  selector: string
  /** Where its namespaced objects are. */
  namespaces: readonly string[]
}

export interface PlannedChange {
  change: 'create' | 'configure' | 'unchanged' | 'remove'
  ref: KubeRef
  /** What is there now. */
  live?: KubeObject
  /** What would be there, as the server itself fills it in; absent when it is to be removed. */
  wanted?: KubeObject
  /** What to apply. */
  desired?: KubeObject
}

export interface ApplyCounts {
  created: number
  configured: number
  unchanged: number
  removed: number
}

/** A namespace that stands in every cluster: dry runs of objects whose own namespace is not made yet go there. */
const REHEARSAL_NAMESPACE = 'default'

/**
 * What applying `desired` would change; nothing is made. Every object is validated by the server.
 *
 * A namespace of somebody else's is in the way like any other object: what runs in it would be cut off by the stack's
 * network policies.
 *
 * @throws FndError FND_OBJECT_FOREIGN for objects in the way that are not the stack's own; FND_CLUSTER_REFUSED for what the
 *   server does not accept.
 */
export async function planChanges(
  client: KubeClient,
  desired: readonly KubeObject[],
  owner: Ownership,
): Promise<PlannedChange[]> {
  const live = await Promise.all(desired.map((object) => client.read(object)))
  const isOwn = (object: KubeObject) => object.metadata.labels?.[owner.label] === owner.stack
  const pairs = desired.map((object, index) => ({ object, there: live[index] }))
  const foreign = pairs.filter(({ there }) => there && !isOwn(there))
  if (foreign.length)
    throw new FndError('FND_OBJECT_FOREIGN', { objects: foreign.map(({ object }) => titleOf(object)) })
  const missing = new Set(
    pairs.flatMap(({ object, there }) =>
      object.kind === NAMESPACE.kind && !there ? [object.metadata.name] : [],
    ),
  )
  const changes = await Promise.all(
    pairs.map(async ({ object, there }): Promise<PlannedChange> => {
      const wanted = await rehearse(client, object, missing)
      if (!there) return { change: 'create', ref: object, wanted, desired: object }
      const same = isDeepStrictEqual(declaredPart(there), declaredPart(wanted))
      return { change: same ? 'unchanged' : 'configure', ref: object, live: there, wanted, desired: object }
    }),
  )
  const kept = new Set(desired.map(titleOf))
  const surplus = (await ownedObjects(client, owner)).filter((object) => !kept.has(titleOf(object)))
  return [...changes, ...surplus.map((object) => ({ change: 'remove' as const, ref: object, live: object }))]
}

async function rehearse(
  client: KubeClient,
  object: KubeObject,
  missing: ReadonlySet<string>,
): Promise<KubeObject> {
  const { namespace } = object.metadata
  if (!namespace || !missing.has(namespace)) return client.apply(object, { dryRun: true })
  const moved = { ...object, metadata: { ...object.metadata, namespace: REHEARSAL_NAMESPACE } }
  const result = await client.apply(moved, { dryRun: true })
  return { ...result, metadata: { ...result.metadata, namespace } }
}

/**
 * Makes a plan of `planChanges` true, in the order of the desired objects: those of one kind side by side.
 *
 * @param onChange called after each object, for progress.
 */
export async function applyChanges(
  client: KubeClient,
  changes: readonly PlannedChange[],
  onChange: (done: PlannedChange) => void,
): Promise<ApplyCounts> {
  const counts: ApplyCounts = { created: 0, configured: 0, unchanged: 0, removed: 0 }
  const steps = new Map<string, PlannedChange[]>()
  for (const planned of changes) {
    const step = planned.change === 'remove' ? 'remove' : planned.ref.kind
    steps.set(step, [...(steps.get(step) ?? []), planned])
  }
  for (const step of steps.values()) {
    // Every request of a step has ended before one's failure is told: nothing goes on behind it.
    const ended = await Promise.allSettled(
      step.map(async (planned) => {
        if (planned.change === 'remove') await client.remove(planned.ref)
        else if (planned.change !== 'unchanged' && planned.desired) await client.apply(planned.desired)
        counts[COUNTED[planned.change]] += 1
        onChange(planned)
      }),
    )
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  }
  return counts
}

const COUNTED = {
  create: 'created',
  configure: 'configured',
  unchanged: 'unchanged',
  remove: 'removed',
} as const

/** Everything of the stack that stands in the cluster, in the order in which it can be removed; its namespaces come last. */
export async function ownedObjects(client: KubeClient, owner: Ownership): Promise<KubeObject[]> {
  const inNamespaces = await Promise.all(
    OWNED_KINDS.flatMap((kind) =>
      owner.namespaces.map((namespace) => client.list(kind, { namespace, labels: owner.selector })),
    ),
  )
  const namespaces = await Promise.all(
    owner.namespaces.map((name) => client.read({ ...NAMESPACE, metadata: { name } })),
  )
  const own = namespaces.filter(
    (namespace): namespace is KubeObject => namespace?.metadata.labels?.[owner.label] === owner.stack,
  )
  return [...inNamespaces.flat(), ...own]
}

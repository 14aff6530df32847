// What every cluster has in common of `up` and `diff`: rehearse, apply, prune, take back what was made.

import { type ApplyCounts, applyChanges, planChanges } from '../../kube/apply.ts'
import type { KubeClient } from '../../kube/client.ts'
import { diffOf } from '../../kube/diff.ts'
import { type KubeRef, titleOf } from '../../kube/object.ts'
import type { KubernetesObject } from '../../manifests/kubernetes-object.ts'
import type { Action, Change } from '../runtime.ts'
import type { KubernetesStack } from './stack.ts'

export interface ApplyRequest {
  title: string
  connect(signal: AbortSignal): Promise<KubeClient>
  desired(client: KubeClient): Promise<readonly KubernetesObject[]>
}

const UNDO_MS = 60_000

/**
 * The action that applies the wanted objects; what is there already is not written again. Taken back is only what this
 * run has created: what it has configured stays as it is, for the next run to go on from.
 */
export function applyAction(stack: KubernetesStack, { title, connect, desired }: ApplyRequest): Action {
  const made: KubeRef[] = []
  return {
    id: 'objects',
    title,
    run: async (progress, signal) => {
      const client = await connect(signal)
      const objects = await desired(client)
      progress.update('rehearsing on the server')
      const changes = await planChanges(client, objects, stack.owner)
      const touched: string[] = []
      const done = await applyChanges(client, changes, ({ change, ref }) => {
        if (change === 'create') made.push(ref)
        if (change !== 'unchanged') progress.update(titleOf(ref))
        // What a flag of the `up` before has set may be taken back by this one: it is told by name.
        if (change === 'configure') touched.push(`configured ${titleOf(ref)}`)
        if (change === 'remove') touched.push(`removed ${titleOf(ref)}`)
      })
      const changed = done.created + done.configured + done.removed > 0
      return {
        outcome: changed ? 'changed' : 'unchanged',
        detail: [countsText(done), ...touched.toSorted()].join('; '),
      }
    },
    undo: async () => {
      if (!made.length) return
      const client = await connect(AbortSignal.timeout(UNDO_MS))
      for (const ref of made.toReversed()) await client.remove(ref)
    },
  }
}

/** `25 objects: 3 created, 1 configured, 21 unchanged, 0 removed` */
function countsText({ created, configured, unchanged, removed }: ApplyCounts): string {
  const total = created + configured + unchanged
  return `${total} objects: ${created} created, ${configured} configured, ${unchanged} unchanged, ${removed} removed`
}

/** What applying the wanted objects would change, for people. */
export async function changesOf(
  client: KubeClient,
  stack: KubernetesStack,
  desired: readonly KubernetesObject[],
): Promise<Change[]> {
  const planned = await planChanges(client, desired, stack.owner)
  return planned.flatMap((change) =>
    change.change === 'unchanged'
      ? []
      : [{ change: change.change, object: titleOf(change.ref), diff: diffOf(change) }],
  )
}

/** The change that making an object is, where there is no cluster yet to compare with. */
export function creation(object: KubernetesObject): Change {
  const planned = { change: 'create', ref: object, wanted: object } as const
  return { change: 'create', object: titleOf(object), diff: diffOf(planned) }
}

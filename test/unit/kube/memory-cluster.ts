// A cluster in memory behind the seam KubeClient: it keeps what is applied, and refuses what it is told to.

import type { KubeClient } from '../../../src/kube/client.ts'
import { type KubeObject, titleOf } from '../../../src/kube/object.ts'

export interface MemoryCluster {
  client: KubeClient
  objects: Map<string, KubeObject>
}

/** `refuse` is asked before anything is really applied or created. */
export function memoryCluster(
  there: readonly KubeObject[],
  refuse: (object: { kind: string; metadata?: { name?: string } }) => Promise<void> | void = () => {},
): MemoryCluster {
  const objects = new Map(there.map((object) => [titleOf(object), object]))
  const notHere = () => {
    throw new Error('not in this cluster')
  }
  const client: KubeClient = {
    context: 'memory',
    read: async (ref) => objects.get(titleOf(ref)),
    list: async ({ kind }, { namespace }) =>
      [...objects.values()].filter(
        (object) => object.kind === kind && (!namespace || object.metadata.namespace === namespace),
      ),
    apply: async (object, { dryRun = false } = {}) => {
      if (dryRun) return object
      await refuse(object)
      objects.set(titleOf(object), object)
      return object
    },
    create: async (object) => {
      await refuse({ kind: object.kind })
      return { ...object, metadata: { name: 'created' } }
    },
    remove: async (ref) => objects.delete(titleOf(ref)),
    logs: notHere,
    forward: notHere,
    version: async () => 'v1.34.0',
  }
  return { client, objects }
}

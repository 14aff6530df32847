// Finding pods: by label, and those that take requests now.

import type { KubeClient } from './client.ts'
import type { KubeRef } from './object.ts'
import { type Pod, podSchema } from './schemas.ts'

export const POD = { apiVersion: 'v1', kind: 'Pod' } as const

/** A label selector as the API takes it. */
export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** The pods of a selector, oldest first. */
export async function podsOf(
  client: KubeClient,
  where: { namespace: string; labels: string },
): Promise<Pod[]> {
  const pods = (await client.list(POD, where)).map((pod) => podSchema.parse(pod))
  const born = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  return pods.sort((a, b) => born(a).localeCompare(born(b)) || a.metadata.name.localeCompare(b.metadata.name))
}

/** True when the pod takes requests. */
export function isReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  )
}

/** How the API addresses a pod. */
export function refOf({ metadata: { name, namespace } }: Pod): KubeRef {
  return { ...POD, metadata: { name, namespace } }
}

/** The pods of a selector that take requests now. */
export async function readyPods(
  client: KubeClient,
  where: { namespace: string; labels: string },
): Promise<KubeRef[]> {
  return (await podsOf(client, where)).filter(isReady).map(refOf)
}

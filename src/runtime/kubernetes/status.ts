// The status of a stack in a cluster, pod by pod, as it is observed now.

import type { KubeClient } from '../../kube/client.ts'
import { explainPod, type PodState } from '../../kube/explain.ts'
import { inItsWords } from '../../kube/last-words.ts'
import { podsOf, selectorOf } from '../../kube/pods.ts'
import { eventSchema, type KubeEvent, type Pod } from '../../kube/schemas.ts'
import { COMPONENTS, type Component, type ComponentStatus, type StackStatus } from '../runtime.ts'
import { deploymentOf, type KubernetesStack, placeOf } from './stack.ts'

const STATE = { ready: 'running', waiting: 'starting', failing: 'failing' } as const

/** Every pod of the stack, and for a component without one the fact that it is missing. */
export async function observeComponents(
  client: KubeClient,
  stack: KubernetesStack,
  urls: Partial<Record<Component, string>>,
): Promise<ComponentStatus[]> {
  const events = new Map<string, Promise<KubeEvent[]>>()
  const eventsOf = (namespace: string) => {
    const known = events.get(namespace)
    if (known) return known
    const asked = client
      .list({ apiVersion: 'v1', kind: 'Event' }, { namespace })
      .then((list) => list.map((event) => eventSchema.parse(event)))
    events.set(namespace, asked)
    return asked
  }
  const found = await Promise.all(
    COMPONENTS.map(async (component): Promise<ComponentStatus[]> => {
      const { namespace, labels } = placeOf(stack, component)
      const pods = await podsOf(client, { namespace, labels: selectorOf(labels) })
      const url = urls[component]
      if (!pods.length && component === 's3' && !(await client.read(deploymentOf(stack, component))))
        return []
      if (!pods.length) return [{ component, instance: '-', state: 'missing', restarts: 0 }]
      const about = await eventsOf(namespace)
      return Promise.all(
        pods.map(async (pod) => {
          const state = await inItsWords(client, namespace, explainPod(pod, about))
          return { ...podStatus(component, pod, state), ...(url && { url }) }
        }),
      )
    }),
  )
  return found.flat()
}

function podStatus(component: Component, pod: Pod, { state, reason }: PodState): ComponentStatus {
  const { metadata, status } = pod
  const stopping = metadata.deletionTimestamp !== undefined
  const version = metadata.labels['app.kubernetes.io/version']
  const started = status.containerStatuses
    .map(({ state: now }) => now.running?.startedAt)
    .find((time) => time !== undefined)
  return {
    component,
    instance: metadata.name,
    state: stopping ? 'stopped' : STATE[state],
    ...(stopping ? { reason: 'it is being removed' } : reason && { reason }),
    ...(version && { version }),
    restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(started && { uptime: Math.max(0, (Date.now() - Date.parse(started)) / 1000) }),
  }
}

/** What the pods say about the stack as a whole. */
export function stackState(components: readonly ComponentStatus[]): StackStatus['state'] {
  const living = components.filter(({ state }) => state !== 'stopped')
  if (living.every(({ state }) => state === 'missing')) return 'absent'
  if (living.some(({ state }) => state === 'failing')) return 'failing'
  if (living.some(({ state }) => state === 'starting')) return 'starting'
  return living.some(({ state }) => state === 'missing') ? 'degraded' : 'running'
}

// The logs of all pods of a stack in one stream; following goes on with the pods that take their place.

import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors/error.ts'
import type { KubeClient } from '../../kube/client.ts'
import { podsOf, refOf, selectorOf } from '../../kube/pods.ts'
import type { Pod } from '../../kube/schemas.ts'
import type { Component, LogLine, LogRequest } from '../runtime.ts'
import { type KubernetesStack, placeOf } from './stack.ts'

const LOOK_EVERY_MS = 1000

interface Source {
  component: Component
  pod: Pod
}

/** Lines as they come, pod by pod without `follow`, as they are written with it. */
export async function* stackLogs(
  client: KubeClient,
  stack: KubernetesStack,
  { components, follow, tail, signal }: LogRequest,
): AsyncGenerator<LogLine> {
  const sources = async (): Promise<Source[]> => {
    const found = await Promise.all(
      components.map(async (component) => {
        const { namespace, labels } = placeOf(stack, component)
        const pods = await podsOf(client, { namespace, labels: selectorOf(labels) })
        return pods.filter(hasStarted).map((pod) => ({ component, pod }))
      }),
    )
    return found.flat()
  }
  if (!follow) {
    for (const source of await sources()) yield* linesOf(client, source, tail)
    return
  }
  yield* followAll(client, sources, tail, signal)
}

/** A container that has not started has no log. */
function hasStarted({ status }: Pod): boolean {
  return status.containerStatuses.some(
    ({ state, restartCount }) => restartCount > 0 || state.running || state.terminated,
  )
}

async function* linesOf(
  client: KubeClient,
  { component, pod }: Source,
  tail: number | undefined,
): AsyncGenerator<LogLine> {
  const container = pod.spec.containers[0]?.name ?? ''
  const options = tail === undefined ? {} : { tail }
  for await (const text of client.logs(refOf(pod), container, options))
    yield { component, instance: pod.metadata.name, text }
}

async function* followAll(
  client: KubeClient,
  sources: () => Promise<Source[]>,
  tail: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const waiting: LogLine[] = []
  const following = new Map<string, Promise<void>>()
  const seen = new Set<string>()
  let wake = () => {}
  const follow = async ({ component, pod }: Source, since: string | undefined) => {
    const { name } = pod.metadata
    const container = pod.spec.containers[0]?.name ?? ''
    const from = since ? { since } : tail === undefined ? {} : { tail }
    try {
      for await (const text of client.logs(refOf(pod), container, { follow: true, ...from })) {
        waiting.push({ component, instance: name, text })
        wake()
      }
    } catch (error) {
      if (signal.aborted) return
      waiting.push({ component, instance: name, text: `[fnd] its log cannot be read: ${messageOf(error)}` })
    }
  }
  while (!signal.aborted) {
    const now = new Date().toISOString()
    // The API may be away for a moment (a moving control plane); following goes on when it is back.
    for (const source of await sources().catch(() => [])) {
      const key = source.pod.metadata.uid ?? source.pod.metadata.name
      if (following.has(key)) continue
      const again = seen.has(key)
      seen.add(key)
      const stream = follow(source, again ? now : undefined).finally(() => following.delete(key))
      following.set(key, stream)
    }
    const pause = new Promise<void>((resolve) => {
      wake = resolve
    })
    await Promise.race([pause, sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})])
    yield* waiting.splice(0)
  }
  await Promise.all(following.values())
}

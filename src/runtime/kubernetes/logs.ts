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

/** How far the log of one pod has been told. */
interface Told {
  /** RFC 3339 time of its last line, in nanoseconds: the next look goes on behind it. */
  last?: string
  /** Its container has ended, and all of its log was told. */
  whole?: boolean
}

async function* followAll(
  client: KubeClient,
  sources: () => Promise<Source[]>,
  tail: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const waiting: LogLine[] = []
  const following = new Map<string, Promise<void>>()
  const told = new Map<string, Told>()
  let wake = () => {}
  const follow = async ({ component, pod }: Source, known: Told, atFirst: boolean) => {
    const { name } = pod.metadata
    const container = pod.spec.containers[0]?.name ?? ''
    const { last: behind } = known
    // Of a pod that comes later nothing has been seen: all of its log is new.
    const recent = atFirst && tail !== undefined ? { tail } : {}
    const from = behind === undefined ? recent : { since: behind }
    try {
      const lines = client.logs(refOf(pod), container, { follow: true, timestamps: true, ...from })
      for await (const line of lines) {
        const space = line.indexOf(' ')
        const time = line.slice(0, space)
        // The server takes whole seconds, so the first lines may be known.
        if (behind !== undefined && time <= behind) continue
        known.last = time
        waiting.push({ component, instance: name, text: line.slice(space + 1) })
        wake()
      }
      known.whole = true
    } catch (error) {
      if (signal.aborted) return
      waiting.push({ component, instance: name, text: `[fnd] its log cannot be read: ${messageOf(error)}` })
    }
  }
  const look = async (atFirst: boolean) => {
    // The API may be away for a moment (a moving control plane); following goes on when it is back.
    const found = await sources().catch(() => undefined)
    for (const source of found ?? []) {
      const key = source.pod.metadata.uid ?? source.pod.metadata.name
      const known = told.get(key) ?? {}
      if (following.has(key) || (known.whole && !isRunning(source.pod))) continue
      told.set(key, known)
      const stream = follow(source, known, atFirst).finally(() => following.delete(key))
      following.set(key, stream)
    }
    return found !== undefined
  }
  let looked = false
  let next = 0
  while (!signal.aborted) {
    if (performance.now() >= next) {
      looked = (await look(!looked)) || looked
      next = performance.now() + LOOK_EVERY_MS
    }
    const pause = new Promise<void>((resolve) => {
      wake = resolve
    })
    if (!waiting.length) {
      const rest = Math.max(0, next - performance.now())
      await Promise.race([pause, sleep(rest, undefined, { signal }).catch(() => {})])
    }
    yield* waiting.splice(0)
  }
  await Promise.all(following.values())
}

function isRunning({ status }: Pod): boolean {
  return status.containerStatuses.some(({ state }) => state.running)
}

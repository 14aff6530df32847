// The part of `up` that every cluster has in common: rehearse, apply, prune; and waiting for what was applied.

import { setTimeout as sleep } from 'node:timers/promises'
import { FndError, messageOf } from '../../errors/error.ts'
import { type ApplyCounts, applyChanges, planChanges } from '../../kube/apply.ts'
import type { KubeClient } from '../../kube/client.ts'
import { diffOf } from '../../kube/diff.ts'
import { type KubeRef, titleOf } from '../../kube/object.ts'
import { type WorkloadName, waitForWorkloads } from '../../kube/wait.ts'
import type { KubernetesObject } from '../../manifests/kubernetes-object.ts'
import { type Change, COMPONENTS, type Component, type Endpoints, type Progress } from '../runtime.ts'
import { type KubernetesStack, workloadOf } from './stack.ts'

/**
 * Applies the wanted objects; what is there already is not written again.
 *
 * @param onMade called with each object that was not there before, also when a later one fails.
 */
export async function applyObjects(
  client: KubeClient,
  stack: KubernetesStack,
  desired: readonly KubernetesObject[],
  progress: Progress,
  onMade: (made: KubeRef) => void,
): Promise<ApplyCounts> {
  progress.update('rehearsing on the server')
  const changes = await planChanges(client, desired, stack.owner)
  return applyChanges(client, changes, (done) => {
    if (done.change === 'create') onMade(done.ref)
    if (done.change !== 'unchanged') progress.update(titleOf(done.ref))
  })
}

/** `25 objects: 3 created, 1 configured, 21 unchanged, 0 removed` */
export function countsText({ created, configured, unchanged, removed }: ApplyCounts): string {
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

/** The components that stand in the cluster. */
export async function componentsOf(client: KubeClient, stack: KubernetesStack): Promise<Component[]> {
  const found = await Promise.all(
    COMPONENTS.map((component) => {
      const metadata = workloadOf(stack, component)
      return client.read({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })
    }),
  )
  return COMPONENTS.filter((_, index) => found[index])
}

const REQUEST_PATIENCE_MS = 5000
const POLL_MS = 250
/** The path that each component answers once it can do its work. */
const READY_PATH: Readonly<Record<Component, string>> = {
  backend: '/ready',
  prometheus: '/-/ready',
  grafana: '/api/health',
}

/**
 * Waits until every pod is ready and each component has answered a request through the address that users have.
 *
 * @throws FndError FND_TIMEOUT, FND_WORKLOAD_FAILING, FND_STACK_ABSENT; AbortError.
 */
export async function waitForStack(
  client: KubeClient,
  stack: KubernetesStack,
  open: (signal: AbortSignal) => Promise<Endpoints>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { timeout: seconds, name } = stack.settings
  const start = performance.now()
  const components = await componentsOf(client, stack)
  if (!components.length) throw new FndError('FND_STACK_ABSENT', { name })
  const workloads: WorkloadName[] = components.map((component) => workloadOf(stack, component))
  await waitForWorkloads(client, workloads, {
    seconds,
    signal,
    onStates: (states) =>
      progress.update(
        states
          .filter(({ state }) => state !== 'ready')
          .map(({ workload, summary, reason }) => `${workload} ${summary}${reason ? `, ${reason}` : ''}`)
          .join('; ') || 'all pods are ready',
      ),
  })
  await using endpoints = await open(signal)
  await Promise.all(
    components.map((component) => {
      const base = endpoints[component]
      const left = seconds - (performance.now() - start) / 1000
      return base && answers(new URL(READY_PATH[component], base), component, { seconds, left }, signal)
    }),
  )
}

async function answers(
  url: URL,
  component: Component,
  { seconds, left }: { seconds: number; left: number },
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + left * 1000
  let last = ''
  do {
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_PATIENCE_MS)])
      const response = await fetch(url, { signal: patience })
      await response.body?.cancel()
      if (response.ok) return
      last = `${url.href} answered ${response.status}`
    } catch (error) {
      signal.throwIfAborted()
      last = `${url.href}: ${messageOf(error instanceof Error && error.cause ? error.cause : error)}`
    }
    await sleep(POLL_MS, undefined, { signal })
  } while (performance.now() < deadline)
  throw new FndError('FND_TIMEOUT', { what: `${component} to answer`, seconds, last })
}

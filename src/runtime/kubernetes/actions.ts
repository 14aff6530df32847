// The part of `up` that every cluster has in common: rehearse, apply, prune; and waiting for what was applied.

import { FndError } from '../../errors/error.ts'
import { type ApplyCounts, applyChanges, planChanges } from '../../kube/apply.ts'
import type { KubeClient } from '../../kube/client.ts'
import { diffOf } from '../../kube/diff.ts'
import { type KubeRef, titleOf } from '../../kube/object.ts'
import { type WorkloadName, waitForWorkloads } from '../../kube/wait.ts'
import type { KubernetesObject } from '../../manifests/kubernetes-object.ts'
import { waitUntilReady } from '../ready.ts'
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

/**
 * Waits until every pod is ready and each component has answered a real request through the address that users have.
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
  const { settings } = stack
  const started = performance.now()
  const components = await componentsOf(client, stack)
  if (!components.length) throw new FndError('FND_STACK_ABSENT', { name: settings.name })
  const workloads: WorkloadName[] = components.map((component) => workloadOf(stack, component))
  await waitForWorkloads(client, workloads, {
    seconds: settings.timeout,
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
  const urls = new Map(
    components.flatMap((component) => {
      const url = endpoints[component]
      return url ? [[component, url] as const] : []
    }),
  )
  await waitUntilReady({ urls, settings, grafanaLogin: endpoints.grafanaLogin, started }, progress, signal)
}

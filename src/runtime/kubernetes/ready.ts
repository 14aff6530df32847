// Waits for a stack in a cluster: its pods first, then real answers; Prometheus must have scraped every backend pod.

import { FndError } from '../../errors/error.ts'
import type { KubeClient } from '../../kube/client.ts'
import { readyPods, selectorOf } from '../../kube/pods.ts'
import { waitForWorkloads } from '../../kube/wait.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import { BACKEND_JOB } from '../../service/metric-names.ts'
import { waitUntilReady } from '../ready.ts'
import type { Endpoints, Progress } from '../runtime.ts'
import { componentsOf, type KubernetesStack, placeOf, workloadOf } from './stack.ts'

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
  const workloads = components.map((component) => ({
    ...workloadOf(stack, component),
    // The Deployment names no number where the autoscaler decides: it begins with one pod.
    ...(component === 'backend' && { least: settings.kubernetes.replicas }),
  }))
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
  const { prometheus, grafanaLogin } = endpoints
  const urls = new Map(
    components.flatMap((component) => {
      const url = endpoints[component]
      return url ? [[component, url] as const] : []
    }),
  )
  const also = prometheus && { prometheus: () => unscraped(client, stack, prometheus, signal) }
  await waitUntilReady({ urls, settings, grafanaLogin, started, ...(also && { also }) }, progress, signal)
}

/** Says how many backend pods Prometheus, asked a real query, has not scraped yet; undefined when it has all of them. */
async function unscraped(
  client: KubeClient,
  stack: KubernetesStack,
  prometheus: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace, labels } = placeOf(stack, 'backend')
  const [up, pods] = await Promise.all([
    prometheusClient(prometheus).query(`up{job="${BACKEND_JOB}"} == 1`, signal),
    readyPods(client, { namespace, labels: selectorOf(labels) }),
  ])
  const scraped = new Set(up.map(({ labels: { pod } }) => pod))
  const seen = pods.filter(({ metadata }) => scraped.has(metadata.name))
  if (seen.length === pods.length) return undefined
  const { scrapeInterval } = stack.settings.prometheus
  return `${seen.length} of ${pods.length} backend pods scraped (each ${scrapeInterval} s)`
}

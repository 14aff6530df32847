// Waits for workloads to be rolled out; tells what each hangs on, and ends early where waiting cannot help.

import { setTimeout as sleep } from 'node:timers/promises'
import { FndError } from '../errors/error.ts'
import type { KubeClient } from './client.ts'
import { explainPod, explainWorkload, type WorkloadState } from './explain.ts'
import { inItsWords, logEnd } from './last-words.ts'
import { podsOf, selectorOf } from './pods.ts'
import { deploymentSchema, eventSchema } from './schemas.ts'

export interface WorkloadName {
  namespace: string
  name: string
  /** Fewest pods that it must have, where an autoscaler has still to make them. */
  least?: number
}

export interface WaitOptions {
  /** Longest wait, in seconds. */
  seconds: number
  signal: AbortSignal
  onStates: (states: readonly WorkloadState[]) => void
  /** Longest time that a workload may be failing before it is given up, in seconds. */
  failingSeconds?: number
}

const POLL_MS = 500
const FAILING_SECONDS = 60
const LOG_LINES = 3

/** The state of each workload now; one that does not exist (yet) is waiting. */
export async function workloadStates(
  client: KubeClient,
  workloads: readonly WorkloadName[],
): Promise<WorkloadState[]> {
  return Promise.all(
    workloads.map(async ({ namespace, name, least }) => {
      const found = await client.read({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace, name },
      })
      if (!found) {
        const reason = 'it is not there'
        return { workload: `${namespace}/${name}`, state: 'waiting', summary: '', reason, pods: [] }
      }
      const deployment = deploymentSchema.parse(found)
      const labels = selectorOf(deployment.spec.selector.matchLabels)
      const [pods, events] = await Promise.all([
        podsOf(client, { namespace, labels }),
        client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace }),
      ])
      const about = events.map((event) => eventSchema.parse(event))
      const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      const states = living.map((pod) => inItsWords(client, namespace, explainPod(pod, about)))
      return explainWorkload(deployment, await Promise.all(states), least)
    }),
  )
}

/**
 * Resolves when every workload has all its pods, of its newest version, ready.
 *
 * @throws FndError FND_TIMEOUT with the reason of each that is not ready; FND_WORKLOAD_FAILING when one has been failing for
 *   `failingSeconds` (an image that cannot be pulled, a crash loop), with its last log lines; AbortError.
 */
export async function waitForWorkloads(
  client: KubeClient,
  workloads: readonly WorkloadName[],
  { seconds, signal, onStates, failingSeconds = FAILING_SECONDS }: WaitOptions,
): Promise<void> {
  const start = performance.now()
  const failingSince = new Map<string, number>()
  for (;;) {
    const states = await workloadStates(client, workloads)
    onStates(states)
    const open = states.filter(({ state }) => state !== 'ready')
    if (!open.length) return
    const now = performance.now()
    for (const { workload, state } of states) {
      if (state !== 'failing') failingSince.delete(workload)
      else if (!failingSince.has(workload)) failingSince.set(workload, now)
    }
    const stuck = open.find(
      ({ workload }) => now - (failingSince.get(workload) ?? now) >= failingSeconds * 1000,
    )
    if (stuck) {
      const last = await lastLines(client, stuck)
      throw new FndError('FND_WORKLOAD_FAILING', { workload: stuck.workload, why: stuck.reason, last })
    }
    if (now - start >= seconds * 1000) {
      const last = open
        .map(({ workload, summary, reason }) => `${workload} (${summary}): ${reason}`)
        .join('; ')
      throw new FndError('FND_TIMEOUT', { what: 'the pods to be ready', seconds, last })
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** The end of the log that explains a workload's trouble; '' when no container has run. */
async function lastLines(client: KubeClient, { workload, pods }: WorkloadState): Promise<string> {
  const telling = pods.find(({ log }) => log !== undefined)
  const [namespace = ''] = workload.split('/')
  return telling ? (await logEnd(client, namespace, telling, LOG_LINES)).join(' | ') : ''
}

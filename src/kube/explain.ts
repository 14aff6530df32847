// Why a workload is not ready yet, in a sentence: raw deployments, pods and events become states with reasons.

import { lastWords } from './last-words.ts'
import { isReady } from './pods.ts'
import type { Deployment, KubeEvent, Pod } from './schemas.ts'

/** `failing` will not mend by itself soon; `waiting` may. */
export type StateName = 'ready' | 'waiting' | 'failing'

export interface PodState {
  pod: string
  state: StateName
  /** What it hangs on; '' when ready. */
  reason: string
  /** The container whose log explains it, when there is one. */
  log?: { container: string; previous: boolean }
}

export interface WorkloadState {
  /** `fake-news-app/backend` */
  workload: string
  state: StateName
  /** `1 of 2 pods ready` */
  summary: string
  reason: string
  pods: PodState[]
}

const IMAGE_PROBLEMS = ['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull']
const START_PROBLEMS = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
]
const POD_TROUBLE = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'FailedScheduling']

/** The state of a deployment, which must have `least` pods or more, from it and the states of its pods. */
export function explainWorkload(deployment: Deployment, states: PodState[], least = 0): WorkloadState {
  const { metadata, spec, status } = deployment
  const workload = `${metadata.namespace}/${metadata.name}`
  const wanted = Math.max(spec.replicas, least)
  const summary = `${Math.min(status.availableReplicas, wanted)} of ${wanted} pods ready`
  const rolledOut =
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
    status.updatedReplicas >= wanted &&
    status.availableReplicas >= wanted &&
    status.replicas <= status.updatedReplicas
  if (rolledOut) return { workload, state: 'ready', summary, reason: '', pods: states }

  const refused = status.conditions.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True')
  const worst =
    states.find(({ state }) => state === 'failing') ?? states.find(({ state }) => state === 'waiting')
  if (refused && !worst) {
    const reason = `pods are refused: ${sentence(refused.message ?? refused.reason ?? '')}`
    return { workload, state: 'failing', summary, reason, pods: states }
  }
  return {
    workload,
    state: worst?.state ?? 'waiting',
    summary,
    reason: worst
      ? `${worst.pod}: ${worst.reason}`
      : states.length < wanted
        ? 'not all of its pods are made yet'
        : 'its pods are being replaced',
    pods: states,
  }
}

/** The state of one pod, from its own status and the events about it. */
export function explainPod(pod: Pod, events: readonly KubeEvent[]): PodState {
  const name = pod.metadata.name
  if (isReady(pod)) return { pod: name, state: 'ready', reason: '' }
  const { status } = pod
  for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const problem = explainContainer(container, pullFailure(events, pod))
    if (problem) return { pod: name, ...problem }
  }
  const unscheduled = status.conditions.find(
    ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
  )
  if (unscheduled)
    return { pod: name, state: 'waiting', reason: `Unschedulable: ${sentence(unscheduled.message ?? '')}` }
  const running = status.containerStatuses.find(({ state }) => state.running)
  if (running) {
    const probe = newest(events, pod, ['Unhealthy'])
    const reason = probe ? `failing probe: ${sentence(probe.message ?? '')}` : 'started, not ready yet'
    return { pod: name, state: 'waiting', reason, log: { container: running.name, previous: false } }
  }
  const trouble = newest(events, pod, POD_TROUBLE)
  const waiting = status.containerStatuses.find(({ state }) => state.waiting)?.state.waiting?.reason
  const reason = trouble
    ? `${trouble.reason}: ${sentence(trouble.message ?? '')}`
    : (waiting ?? 'not started yet')
  return { pod: name, state: 'waiting', reason }
}

function explainContainer(
  { name, state, lastState }: Pod['status']['containerStatuses'][number],
  failure: string | undefined,
): Omit<PodState, 'pod'> | undefined {
  const reason = state.waiting?.reason ?? ''
  const detail = state.waiting?.message ?? ''
  if (IMAGE_PROBLEMS.includes(reason)) {
    // The back-off says only that it waits; the event before it says why.
    const why = reason === 'ImagePullBackOff' && failure ? failure : detail
    return { state: 'failing', reason: `${reason}: ${sentence(why)}` }
  }
  if (START_PROBLEMS.includes(reason)) return { state: 'failing', reason: `${reason}: ${sentence(detail)}` }
  if (reason !== 'CrashLoopBackOff' && !state.terminated?.exitCode) return undefined
  const end = reason === 'CrashLoopBackOff' ? lastState.terminated : state.terminated
  const code = end ? `ended with exit code ${end.exitCode}${end.reason ? ` (${end.reason})` : ''}` : 'ended'
  const words = lastWords(end?.message ?? '')
  const how = words === undefined ? code : `${code}: ${sentence(words)}`
  const log = { container: name, previous: reason === 'CrashLoopBackOff' }
  const what = reason || 'Crashed'
  return { state: 'failing', reason: `${what}: ${how}`, log }
}

/** Why an image could not be pulled; the event `Failed` comes a second time without the reason. */
function pullFailure(events: readonly KubeEvent[], pod: Pod): string | undefined {
  const telling = events.filter(({ message }) => message?.startsWith('Failed to pull'))
  return newest(telling, pod, ['Failed'])?.message
}

/** The newest event of these reasons about the pod. */
function newest(events: readonly KubeEvent[], pod: Pod, reasons: readonly string[]): KubeEvent | undefined {
  const about = events.filter(
    ({ involvedObject, reason }) =>
      reasons.includes(reason ?? '') &&
      involvedObject.name === pod.metadata.name &&
      (involvedObject.uid === undefined || involvedObject.uid === pod.metadata.uid),
  )
  const time = (event: KubeEvent) => event.lastTimestamp ?? event.eventTime ?? ''
  return about.reduce<KubeEvent | undefined>(
    (best, event) => (best === undefined || time(event) >= time(best) ? event : best),
    undefined,
  )
}

/** One line, without the noise that repeats what is known. */
function sentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 297)}…` : line
}

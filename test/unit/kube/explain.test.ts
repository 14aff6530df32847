// What a user is told about a workload that does not come up; the objects were recorded from a real cluster.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { explainPod, explainWorkload } from '../../../src/kube/explain.ts'
import { deploymentSchema, eventSchema, podSchema } from '../../../src/kube/schemas.ts'

interface Recorded {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
}

const { items } = JSON.parse(
  readFileSync(new URL('../../fixtures/kube/workloads.json', import.meta.url), 'utf8'),
) as { items: Recorded[] }

function explain(name: string, change: (recorded: Recorded[]) => Recorded[] = (all) => all, least?: number) {
  const recorded = change(structuredClone(items))
  const deployment = recorded.find((item) => item.kind === 'Deployment' && item.metadata.name === name)
  const pods = recorded.filter((item) => item.kind === 'Pod' && item.metadata.labels?.app === name)
  const events = recorded.filter(({ kind }) => kind === 'Event')
  const about = events.map((event) => eventSchema.parse(event))
  return explainWorkload(
    deploymentSchema.parse(deployment),
    pods.map((pod) => explainPod(podSchema.parse(pod), about)),
    least,
  )
}

describe('the reason of a workload that is not ready', () => {
  it('says why an image cannot be pulled, not just that it backs off', () => {
    const state = explain('image')
    expect(state.state).toBe('failing')
    expect(state.reason).toMatch(/ImagePullBackOff: Failed to pull image "kindnode\.local\/nothing:v9"/)
  })

  it('names the exit code of a crash loop and the log that explains it', () => {
    const state = explain('crash')
    expect(state.state).toBe('failing')
    expect(state.reason).toMatch(/CrashLoopBackOff: ended with exit code 3/)
    expect(state.pods[0]?.log).toEqual({ container: 'main', previous: true })
  })

  it('names what the scheduler lacks', () => {
    const state = explain('unschedulable')
    expect(state.state).toBe('waiting')
    expect(state.reason).toMatch(/Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu/)
  })

  it('quotes the failing probe', () => {
    const state = explain('probe')
    expect(state.state).toBe('waiting')
    expect(state.reason).toMatch(/failing probe: Readiness probe failed: .*connection refused/)
  })

  it('names a missing ConfigMap, whether it is environment or volume', () => {
    expect(explain('config').reason).toMatch(/CreateContainerConfigError: configmap "nowhere" not found/)
    expect(explain('mount').reason).toMatch(/FailedMount: .*configmap "nowhere" not found/)
  })

  it('quotes Pod Security when pods are refused before they exist', () => {
    const state = explain('refused')
    expect(state.state).toBe('failing')
    expect(state.reason).toMatch(/pods are refused: .*violates PodSecurity "restricted:latest"/)
  })

  it('is ready, without a reason, once all pods of the newest version are', () => {
    expect(explain('good')).toMatchObject({ state: 'ready', reason: '', summary: '1 of 1 pods ready' })
  })

  it('is not ready while an autoscaler has still to make its fewest pods', () => {
    expect(explain('good', undefined, 2)).toMatchObject({
      state: 'waiting',
      summary: '1 of 2 pods ready',
      reason: 'not all of its pods are made yet',
    })
  })

  it('is not ready while the controller has not seen the newest version', () => {
    const state = explain('good', (all) =>
      all.map((item) =>
        item.kind === 'Deployment' ? { ...item, metadata: { ...item.metadata, generation: 99 } } : item,
      ),
    )
    expect(state).toMatchObject({ state: 'waiting', reason: 'its pods are being replaced' })
  })

  it('ignores events about an earlier pod of the same name', () => {
    const state = explain('probe', (all) =>
      all.map((item) => ('involvedObject' in item ? { ...item, involvedObject: { name: 'other' } } : item)),
    )
    expect(state.reason).toMatch(/started, not ready yet/)
  })
})

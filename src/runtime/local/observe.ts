// What is seen of a local stack now: which processes live, which of them answer.

import { GRAFANA_USER } from '../../observe/grafana.ts'
import { isAlive } from '../identity.ts'
import type { Component, ComponentStatus, StackStatus } from '../runtime.ts'
import { readState } from '../state-file.ts'
import { grafanaPassword } from './components.ts'
import type { Layout } from './layout.ts'
import { probe } from './probe.ts'
import {
  type ComponentSpec,
  type DesiredState,
  desiredState,
  type ObservedComponent,
  observedState,
} from './state.ts'

const PATIENCE_MS = 2000

export interface Sight {
  desired: DesiredState | undefined
  /** The supervisor lives and is not stopping. */
  supervised: boolean
  /** What is on record of each component; `alive` is seen now. */
  components: (ObservedComponent & { alive: boolean })[]
}

/** Reads the records and checks each process. */
export function look(layout: Layout): Sight {
  const observed = readState(layout.observed, observedState)
  return {
    desired: readState(layout.desired, desiredState),
    supervised: observed !== undefined && !observed.stopping && isAlive(observed.supervisor),
    components: (observed?.components ?? []).map((component) => ({
      ...component,
      alive: component.process !== undefined && isAlive(component.process),
    })),
  }
}

/** The status of the stack, each component asked over HTTP. */
export async function observeStatus(layout: Layout, name: string): Promise<StackStatus> {
  const { desired, supervised, components } = look(layout)
  const anyAlive = components.some(({ alive }) => alive)
  if (!desired || (!supervised && !anyAlive))
    return { name, runtime: 'local', state: 'absent', components: [], notes: [] }
  const statuses = await Promise.all(
    desired.components.map((spec) =>
      observeComponent(
        spec,
        components.find(({ component }) => component === spec.component),
      ),
    ),
  )
  const missing: ComponentStatus[] = desired.missing.map(({ component, reason }) => ({
    component,
    instance: '-',
    state: 'missing',
    reason,
    restarts: 0,
  }))
  return {
    name,
    runtime: 'local',
    state: stateOf(statuses, missing.length > 0 || !supervised),
    components: [...statuses, ...missing],
    notes: [
      ...(supervised ? [] : ['The supervisor is gone, so nothing is restarted: `fnd up` brings it back.']),
      ...desired.missing.map(({ mend }) => mend),
      ...(grafanaPassword(desired)
        ? [`Grafana: user ${GRAFANA_USER}, password in ${layout.folder}/grafana/admin-password`]
        : []),
    ],
  }
}

async function observeComponent(
  spec: ComponentSpec,
  seen: Sight['components'][number] | undefined,
): Promise<ComponentStatus> {
  const answer = seen?.alive
    ? await probe(new URL(spec.probe, spec.url), { patience: PATIENCE_MS })
    : undefined
  const state = stateOfOne(seen, answer?.status)
  return {
    component: spec.component,
    instance: seen?.alive && seen.process ? `process ${seen.process.pid}` : '-',
    state,
    ...(state !== 'running' && { reason: reasonOf(seen, answer?.status, spec) }),
    ...(spec.version && { version: spec.version }),
    url: spec.url,
    restarts: seen?.restarts ?? 0,
    ...(seen?.alive && seen.startedAt !== undefined && { uptime: (Date.now() - seen.startedAt) / 1000 }),
  }
}

function stateOfOne(
  seen: Sight['components'][number] | undefined,
  status: number | undefined,
): ComponentStatus['state'] {
  if (!seen) return 'stopped'
  if (!seen.alive) return seen.state === 'waiting' ? 'failing' : 'stopped'
  if (status === 200) return 'running'
  return seen.state === 'starting' ? 'starting' : 'failing'
}

function reasonOf(
  seen: Sight['components'][number] | undefined,
  status: number | undefined,
  spec: ComponentSpec,
): string {
  if (!seen?.alive) return seen?.reason ?? 'its process is gone'
  if (seen.state === 'starting') return `it does not answer ${spec.probe} yet`
  return status === undefined ? `it does not answer ${spec.probe}` : `${spec.probe} answers ${status}`
}

function stateOf(statuses: readonly ComponentStatus[], impaired: boolean): StackStatus['state'] {
  const of = (component: Component) => statuses.find((status) => status.component === component)?.state
  if (of('backend') === 'failing' || of('backend') === 'stopped') return 'failing'
  if (statuses.some(({ state }) => state === 'starting')) return 'starting'
  return impaired || statuses.some(({ state }) => state !== 'running') ? 'degraded' : 'running'
}

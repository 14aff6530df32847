// Waits until each component answers a real request through its real path.
//
// Ready means: the backend judged a text; Prometheus has loaded its rules and the scrape of the backend (it takes up
// targets 5 s after its start, and the first scrape may be an interval away); Grafana asked Prometheus a query through
// its datasource.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../../config/schema.ts'
import { FndError } from '../../errors/error.ts'
import { BACKEND_JOB } from '../../service/metric-names.ts'
import type { Component, Progress } from '../runtime.ts'
import { readState } from '../state-file.ts'
import { GRAFANA_USER, grafanaPassword } from './components.ts'
import type { Layout } from './layout.ts'
import { readLog } from './log-files.ts'
import { look } from './observe.ts'
import { type ProbeAnswer, probe } from './probe.ts'
import { type ComponentSpec, type DesiredState, desiredState } from './state.ts'

const POLL_MS = 50
const PATIENCE_MS = 5000
/** A component that went down this often while it was waited for will not come up by itself. */
const MOST_FALLS = 2
const SAMPLE =
  'The council voted on Tuesday to repair the two bridges over the river before winter, and the mayor signed the order on Wednesday.'

/** @throws FndError FND_COMPONENT_FAILED, FND_TIMEOUT, FND_STACK_ABSENT; AbortError. */
export async function waitUntilReady(
  layout: Layout,
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const desired = readState(layout.desired, desiredState)
  if (!desired) throw new FndError('FND_STACK_ABSENT', { name: settings.name })
  const started = performance.now()
  const waiting = new Map<Component, string>(
    desired.components.map(({ component }) => [component, 'starting']),
  )
  const tell = () =>
    progress.update([...waiting].map(([component, why]) => `${component}: ${why}`).join(', ') || 'all answer')
  const falls = new Map(look(layout).components.map(({ component, restarts }) => [component, restarts]))
  // The first that fails ends the wait for the others as well.
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const waits = Promise.all(
    desired.components.map(async (spec) => {
      for (;;) {
        either.throwIfAborted()
        const why = await notReady(spec, desired, settings, either)
        if (why === undefined) break
        waiting.set(spec.component, why)
        tell()
        await failFast(layout, spec, falls)
        const elapsed = (performance.now() - started) / 1000
        if (elapsed > settings.timeout)
          throw new FndError('FND_TIMEOUT', { what: spec.component, seconds: settings.timeout, last: why })
        await sleep(POLL_MS, undefined, { signal: either })
      }
      waiting.delete(spec.component)
      tell()
    }),
  )
  try {
    await waits
  } finally {
    over.abort()
  }
}

async function failFast(layout: Layout, spec: ComponentSpec, falls: Map<Component, number>): Promise<void> {
  const seen = look(layout).components.find(({ component }) => component === spec.component)
  if (!seen || seen.restarts - (falls.get(spec.component) ?? 0) < MOST_FALLS) return
  const lines = await readLog(layout.log(spec.component))
  throw new FndError('FND_COMPONENT_FAILED', {
    component: spec.component,
    why: seen.reason ?? 'it goes down again and again',
    last: lines.filter((line) => !line.startsWith('[fnd]')).at(-1) ?? '',
  })
}

/** Why it is not ready yet; undefined when it is. */
function notReady(
  spec: ComponentSpec,
  desired: DesiredState,
  settings: Settings,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (spec.component) {
    case 'backend':
      return backendNotReady(spec.url, settings, signal)
    case 'prometheus':
      return prometheusNotReady(spec.url, signal)
    case 'grafana':
      return grafanaNotReady(spec.url, desired, signal)
  }
}

async function backendNotReady(
  url: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ready = await probe(new URL('/ready', url), { patience: PATIENCE_MS, signal })
  if (ready?.status !== 200) return answered(ready, 'the model is not loaded')
  const { apiKey } = settings.backend
  const verdict = await probe(new URL('/predict', url), {
    method: 'POST',
    body: JSON.stringify({ text: SAMPLE }),
    headers: apiKey ? { 'x-api-key': apiKey } : {},
    patience: PATIENCE_MS,
    signal,
  })
  return verdict?.status === 200
    ? undefined
    : `a prediction is not answered (${verdict?.status ?? 'no answer'})`
}

async function prometheusNotReady(url: string, signal: AbortSignal): Promise<string | undefined> {
  const ready = await probe(new URL('/-/ready', url), { patience: PATIENCE_MS, signal })
  if (ready?.status !== 200) return answered(ready, 'not ready')
  const [rules, config] = await Promise.all(
    ['/api/v1/rules', '/api/v1/status/config'].map((path) =>
      probe(new URL(path, url), { patience: PATIENCE_MS, signal }),
    ),
  )
  if (!rules?.body.includes('"groups":[{')) return 'its rules are not loaded'
  return config?.body.includes(`job_name: ${BACKEND_JOB}`) ? undefined : 'it does not know the backend yet'
}

async function grafanaNotReady(
  url: string,
  desired: DesiredState,
  signal: AbortSignal,
): Promise<string | undefined> {
  const health = await probe(new URL('/api/health', url), { patience: PATIENCE_MS, signal })
  if (health?.status !== 200) return answered(health, 'not ready')
  const login = Buffer.from(`${GRAFANA_USER}:${grafanaPassword(desired)}`).toString('base64')
  const query = await probe(new URL('/api/datasources/proxy/uid/prometheus/api/v1/query?query=1', url), {
    headers: { authorization: `Basic ${login}` },
    patience: PATIENCE_MS,
    signal,
  })
  return query?.status === 200
    ? undefined
    : `its datasource does not answer (${query?.status ?? 'no answer'})`
}

function answered(answer: ProbeAnswer | undefined, meaning: string): string {
  return answer ? `${meaning} (${answer.status})` : 'no answer yet'
}

// Which checks belong to a stack, in order: fnd itself, the runtime, the metrics, and the proof of the flow.

import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import { prometheusClient } from '../observe/prometheus.ts'
import type { CheckResult, Runtime } from '../runtime/runtime.ts'
import { createBackendClient } from '../service/client.ts'
import { runGroup } from './check.ts'
import { flowChecks } from './flow.ts'
import { installationChecks } from './installation.ts'
import { metricsChecks } from './metrics.ts'

/** How often the proof of the flow looks again, in milliseconds. */
const POLL_MS = 500

export interface CheckWorld {
  settings: Settings
  paths: Paths
  runtime: Runtime
  nodeVersion: string
  /** Milliseconds since 1970. */
  now: () => number
}

/** Results as they come: whether a stack can be brought up (`before`), or whether the one that is up is sound (`after`). */
export async function* runChecks(
  world: CheckWorld,
  phase: 'before' | 'after',
  signal: AbortSignal,
): AsyncGenerator<CheckResult> {
  const { settings, paths, runtime, nodeVersion, now } = world
  yield* runGroup(installationChecks(settings, paths, nodeVersion), signal)
  yield* runtime.check(phase, signal)
  if (phase === 'before') return

  await using endpoints = await runtime.endpoints(signal)
  const { scrapeInterval } = settings.prometheus
  const prometheus = endpoints.prometheus && prometheusClient(endpoints.prometheus)
  if (prometheus) yield* runGroup(metricsChecks({ prometheus, scrapeInterval, now }), signal)
  else
    yield {
      group: 'metrics',
      title: 'Prometheus runs',
      outcome: 'skip',
      detail: 'this stack has no Prometheus',
    }

  if (!endpoints.backend) {
    yield {
      group: 'flow',
      title: 'the backend answers',
      outcome: 'fail',
      detail: 'it has no address',
      mend: 'Run `fnd up`.',
    }
    return
  }
  const backend = createBackendClient({ url: endpoints.backend, apiKey: settings.backend.apiKey })
  const grafana = endpoints.grafana && {
    url: endpoints.grafana,
    ...(endpoints.grafanaLogin ? { login: endpoints.grafanaLogin } : {}),
  }
  yield* runGroup(
    flowChecks({
      backend,
      scrapeInterval,
      pollMs: POLL_MS,
      now,
      ...(prometheus ? { prometheus } : {}),
      ...(grafana ? { grafana } : {}),
    }),
    signal,
  )
}

// Is a stack that is up sound: fnd itself, the runtime's own view, the metrics, and the proof of the flow.

import { isFndError } from '../errors/error.ts'
import { grafanaClient } from '../observe/grafana.ts'
import { scrapeIntervalOf } from '../observe/history.ts'
import { type PrometheusClient, prometheusClient } from '../observe/prometheus.ts'
import type { CheckResult } from '../runtime/runtime.ts'
import { createBackendClient } from '../service/client.ts'
import { runGroup } from './check.ts'
import { flowChecks } from './flow.ts'
import { installationChecks } from './installation.ts'
import { metricsChecks } from './metrics.ts'
import type { PreflightWorld } from './preflight.ts'

/** How often the proof of the flow looks again, in milliseconds. */
const POLL_MS = 500

export interface SoundnessWorld extends PreflightWorld {
  /** Milliseconds since 1970. */
  now: () => number
}

/** Results as they come. */
export async function* soundness(world: SoundnessWorld, signal: AbortSignal): AsyncGenerator<CheckResult> {
  const { settings, paths, runtime, nodeVersion, now } = world
  yield* runGroup(installationChecks(settings, paths, nodeVersion), signal)
  yield* runtime.check('after', signal)

  await using endpoints = await runtime.endpoints(signal)
  const prometheus = endpoints.prometheus && prometheusClient(endpoints.prometheus)
  const scrapeInterval = await intervalOf(prometheus, settings.prometheus.scrapeInterval, signal)
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
  const grafana = endpoints.grafana && grafanaClient(endpoints.grafana, endpoints.grafanaLogin)
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

/** As the running Prometheus has it: the settings may have changed since. One that does not answer is told by its check. */
async function intervalOf(
  prometheus: PrometheusClient | undefined,
  otherwise: number,
  signal: AbortSignal,
): Promise<number> {
  if (!prometheus) return otherwise
  return scrapeIntervalOf(prometheus, otherwise, signal).catch((error: unknown) => {
    if (!isFndError(error)) throw error
    return otherwise
  })
}

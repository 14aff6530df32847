// The proof of the flow: one prediction is sent, and its count must arrive in the backend, in Prometheus and in Grafana.

import { setTimeout as sleep } from 'node:timers/promises'
import { FndError } from '../errors/error.ts'
import { seconds } from '../format.ts'
import { parseExposition } from '../observe/exposition.ts'
import type { GrafanaClient } from '../observe/grafana.ts'
import type { PrometheusClient } from '../observe/prometheus.ts'
import type { BackendClient } from '../service/client.ts'
import { BACKEND_JOB, METRIC } from '../service/metric-names.ts'
import type { Check, CheckGroup } from './check.ts'

/** A harmless text of fnd's own: what it is judged as does not matter, that it is counted does. */
const PROBE_TEXT =
  'The town library will open one hour earlier from Monday, the council said after its meeting on Thursday.'
/** Behind a Service the counter may be read from another replica than the one that answered: ask until one is met again. */
const TRIES = 10
const CONNECTIONS = 6

export interface FlowWorld {
  backend: Pick<BackendClient, 'predict' | 'metricsText'>
  prometheus?: Pick<PrometheusClient, 'query'>
  grafana?: Pick<GrafanaClient, 'query'>
  /** Seconds. */
  scrapeInterval: number
  /** Milliseconds between two looks. */
  pollMs: number
  /** Milliseconds since 1970. */
  now: () => number
}

/** One process' count of predictions: the process told by its start time. */
interface Count {
  process: number
  predictions: number
}

/** The checks of the group "flow"; what one saw is the next one's starting point. */
export function flowChecks(world: FlowWorld): CheckGroup {
  const { backend, prometheus, grafana, scrapeInterval, pollMs, now } = world
  /** What Prometheus must have reached when the flow is whole. */
  let counted: Count | undefined
  let sentAt = 0

  const arrivesInBackend: Check = {
    title: 'a prediction is answered and counted by the backend',
    fatal: true,
    mend: 'Look at `fnd logs backend`.',
    look: async (signal) => {
      const known = new Map<number, number>()
      /** The counts of the processes that answer now; several connections, since a Service keeps each one on its replica. */
      const look = async () =>
        (await Promise.all(Array.from({ length: CONNECTIONS }, () => backend.metricsText({ signal })))).map(
          countOf,
        )
      for (const { process, predictions } of await look()) known.set(process, predictions)
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const { label, latencyMs } = await backend.predict(PROBE_TEXT, { signal })
        sentAt = now()
        const seen = await look()
        const moved = seen.find(
          ({ process, predictions }) => predictions > (known.get(process) ?? predictions),
        )
        if (moved) {
          const before = known.get(moved.process)
          counted = moved
          return {
            detail: `${label} in ${seconds(latencyMs / 1000)}; ${METRIC.predictions} ${before} → ${moved.predictions}`,
          }
        }
        for (const { process, predictions } of seen) known.set(process, predictions)
      }
      throw new Error(`${METRIC.predictions} did not move in ${TRIES} tries`)
    },
  }

  const seenBy =
    (ask: (promql: string, signal: AbortSignal) => Promise<number[]>) => async (signal: AbortSignal) => {
      const target = counted
      if (!target) throw new Error('no prediction was counted')
      const patience = 2 * scrapeInterval + 5
      let best: number | undefined
      while (now() - sentAt < patience * 1000) {
        const sums = await ask(countQuery(target.process), signal)
        best = sums.length ? Math.max(...sums) : best
        if (best !== undefined && best >= target.predictions)
          return {
            detail: `${METRIC.predictions} is ${best} there, ${seconds((now() - sentAt) / 1000)} after it was sent`,
          }
        await sleep(pollMs, undefined, { signal })
      }
      throw new FndError('FND_TIMEOUT', {
        what: `the count of predictions to reach ${target.predictions}`,
        seconds: patience,
        last: best === undefined ? 'no data' : `it is ${best}`,
      })
    }

  const checks: Check[] = [arrivesInBackend]
  if (prometheus)
    checks.push({
      title: 'Prometheus has the count after its next scrape',
      fatal: true,
      mend: 'Look at `fnd logs prometheus`.',
      look: seenBy(async (promql, signal) =>
        (await prometheus.query(promql, signal)).map((sample) => sample.value),
      ),
    })
  if (grafana)
    checks.push({
      title: 'Grafana shows it through its datasource',
      mend: 'Look at `fnd logs grafana`.',
      look: seenBy((promql, signal) => grafana.query(promql, signal)),
    })
  return { name: 'flow', checks }
}

/** The count of one process among all targets: joined by its start time, so that replicas are told apart. */
function countQuery(process: number): string {
  const started = `process_start_time_seconds{job="${BACKEND_JOB}"}`
  return `sum by (instance) (${METRIC.predictions}{job="${BACKEND_JOB}"}) and on (instance) (${started} == ${process})`
}

function countOf(page: string): Count {
  const samples = parseExposition(page)
  const process = samples.find((sample) => sample.name === 'process_start_time_seconds')
  if (!process) throw new Error('/metrics has no process_start_time_seconds')
  const predictions = samples.filter((sample) => sample.name === METRIC.predictions)
  return { process: process.value, predictions: predictions.reduce((sum, sample) => sum + sample.value, 0) }
}

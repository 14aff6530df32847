// The wait for what Prometheus is still to see: one that has just started knows no target for 5 s, and scrapes it an interval later.

import { setTimeout as sleep } from 'node:timers/promises'
import { intervalOf } from '../observe/history.ts'
import type { PrometheusClient, Target } from '../observe/prometheus.ts'
import { BACKEND_JOB } from '../service/metric-names.ts'

const POLL_MS = 500
/** Prometheus takes up new targets at most every 5 s (its discovery manager's interval), with a margin. */
const DISCOVERY_SECONDS = 10
/** Nobody watches a check for an hour, however seldom Prometheus looks. */
const LONGEST_SECONDS = 90

export interface TargetsWorld {
  prometheus: Pick<PrometheusClient, 'targets'>
  /** Seconds; taken until Prometheus says it itself. */
  scrapeInterval: number
  /** Milliseconds between two looks. */
  pollMs?: number
  /** Milliseconds since some moment. */
  clock?: () => number
}

/**
 * The backend's targets, once nothing lacks; they have as long as Prometheus takes to find and scrape a new one, and at most 90 s. A scrape that failed
 * may have met a restart: it gets another.
 *
 * @param lacking Says what lacks of these; undefined: nothing.
 * @throws Error with what lacks to the end; as `prometheus` does.
 */
export async function untilTargets(
  { prometheus, scrapeInterval, pollMs = POLL_MS, clock = () => performance.now() }: TargetsWorld,
  lacking: (targets: Target[]) => string | undefined | Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Target[]> {
  const started = clock()
  for (;;) {
    const targets = (await prometheus.targets(signal)).filter(({ labels }) => labels.job === BACKEND_JOB)
    const lack = await lacking(targets)
    if (lack === undefined) return targets
    const patience = Math.min(LONGEST_SECONDS, intervalOf(targets, scrapeInterval) + DISCOVERY_SECONDS)
    if (clock() - started > patience * 1000) throw new Error(lack)
    await sleep(pollMs, undefined, { signal })
  }
}

/** Whether its last scrape has succeeded. */
export const isUp = ({ health }: Target): boolean => health === 'up'

// Latencies of a run in constant memory.

import { createHistogram } from 'node:perf_hooks'

/** Quantiles of latencies, in seconds. */
export interface LatencySummary {
  p50: number
  p95: number
  p99: number
  max: number
  mean: number
}

/** An HDR histogram (node's own) with three significant figures, counting microseconds. */
export function createLatencies(): {
  record(seconds: number): void
  /** Absent while nothing has been recorded: no answer is not a latency of 0. */
  summary(): LatencySummary | undefined
} {
  const histogram = createHistogram({ figures: 3 })
  const at = (percentile: number) => histogram.percentile(percentile) / 1e6
  return {
    record: (seconds) => histogram.record(Math.max(1, Math.round(seconds * 1e6))),
    summary: () =>
      histogram.count === 0
        ? undefined
        : { p50: at(50), p95: at(95), p99: at(99), max: histogram.max / 1e6, mean: histogram.mean / 1e6 },
  }
}

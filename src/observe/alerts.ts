// Every alert: when it fires, how bad that is, what it means. Prometheus' rules and the runbook test come from here.

import { METRIC, PROCESS_METRIC } from '../service/metric-names.ts'
import { promDuration } from '../units.ts'
import { toPromql } from './expression.ts'
import { BURN_WINDOWS, burnCondition, objectives, type SloSettings } from './slo.ts'
import { BACKEND, OVERLOAD, TRAFFIC } from './traffic.ts'

/** critical: users notice, act now. warning: act today. info: worth knowing, nothing is wrong. */
export type Severity = 'critical' | 'warning' | 'info'

/** Of an alert's label; one that says nothing known is a warning. */
export function severityOf(label: string | undefined): Severity {
  return label === 'critical' || label === 'info' ? label : 'warning'
}

export interface Alert {
  /** Also the name of its page: docs/runbooks/<name>.md. */
  name: string
  severity: Severity
  /** Seconds that the condition must hold. */
  for: number
  expr: string
  /** Labels besides the severity, where one alert has several conditions. */
  labels?: Readonly<Record<string, string>>
  /** One line; may hold Prometheus' template syntax. */
  summary: string
}

const at = (metric: string, more = '') => `${metric}{${BACKEND}${more}}`
const traffic = (range: string) =>
  `sum(increase(${at(METRIC.httpRequests, `,${TRAFFIC.map((m) => `${m.label}${m.op}"${m.value}"`).join()}`)}[${range}]))`

/** Share of one verdict over a range, as text for comparisons of now with before. */
const verdictShare = (range: string, offset = '') =>
  `sum by (label) (rate(${at(METRIC.predictions)}[${range}]${offset})) / on() group_left() sum(rate(${at(METRIC.predictions)}[${range}]${offset}))`

const answered = (range: string, offset = '') => `sum(increase(${at(METRIC.predictions)}[${range}]${offset}))`

/** All alerts that fit the objectives. */
export function alerts(slo: SloSettings): Alert[] {
  return [
    ...objectives(slo).flatMap((objective) =>
      BURN_WINDOWS.map(
        (window): Alert => ({
          name: objective.id === 'availability' ? 'ErrorBudgetBurn' : 'LatencyBudgetBurn',
          severity: window.severity,
          for: window.for,
          labels: { long: promDuration(window.long), short: promDuration(window.short) },
          expr: burnCondition(objective, window, slo),
          summary:
            objective.id === 'availability'
              ? `{{ $value | humanizePercentage }} of requests ended in 5xx in the last ${promDuration(window.long)}: the error budget burns too fast`
              : `{{ $value | humanizePercentage }} of predictions were slower than ${promDuration(slo.latency)} in the last ${promDuration(window.long)}: the latency budget burns too fast`,
        }),
      ),
    ),
    {
      name: 'BackendDown',
      severity: 'critical',
      for: 60,
      expr: `max(${at('up')}) == 0`,
      summary: 'No backend instance answers its scrapes',
    },
    {
      name: 'TargetMissing',
      severity: 'warning',
      for: 300,
      expr: `absent(${at('up')}) or (min(${at('up')}) == 0 and max(${at('up')}) == 1)`,
      summary: 'Prometheus misses a backend target: what it serves is not seen',
    },
    {
      name: 'ModelNotReady',
      severity: 'critical',
      for: 120,
      expr: `${at(METRIC.modelReady)} == 0`,
      summary: 'The model of {{ $labels.instance }} is not loaded: it answers no predictions',
    },
    {
      name: 'ModelRefused',
      severity: 'warning',
      for: 0,
      expr: `sum by (instance, reason) (increase(${at(METRIC.modelLoadFailures)}[30m])) > 0`,
      summary:
        '{{ $labels.instance }} could not take a model ({{ $labels.reason }}) and goes on with the one before',
    },
    {
      name: 'ModelVersionSkew',
      severity: 'warning',
      for: 900,
      expr: `count(count by (name, version, sha256) (${at(METRIC.modelInfo)})) > 1`,
      summary: '{{ $value }} model versions answer side by side',
    },
    {
      name: 'QueueSaturated',
      severity: 'warning',
      for: 300,
      expr: `${at(METRIC.queueDepth)} / ${at(METRIC.queueCapacity)} > 0.8`,
      summary: 'The queue of {{ $labels.instance }} is {{ $value | humanizePercentage }} full',
    },
    {
      name: 'RejectingPredictions',
      severity: 'critical',
      for: 300,
      expr: `${toPromql({ kind: 'rate', metric: METRIC.rejected, where: OVERLOAD }, { selector: BACKEND, range: '5m' })} / ${traffic('5m').replace('increase', 'rate')} > 0.05`,
      summary: '{{ $value | humanizePercentage }} of requests are refused for lack of capacity',
    },
    {
      name: 'WorkerCrashLoop',
      severity: 'critical',
      for: 60,
      expr: `increase(${at(METRIC.workerRestarts)}[15m]) > 3`,
      summary: 'Inference workers of {{ $labels.instance }} died {{ $value | humanize }} times in 15 min',
    },
    {
      name: 'EventLoopBlocked',
      severity: 'warning',
      for: 300,
      expr: `${at(PROCESS_METRIC.eventLoopP99)} > 0.2`,
      summary: 'The event loop of {{ $labels.instance }} is held up for {{ $value | humanizeDuration }}',
    },
    {
      name: 'MemoryNearLimit',
      severity: 'warning',
      for: 300,
      expr: `${at(PROCESS_METRIC.memory)} / ${at(PROCESS_METRIC.memoryLimit)} > 0.9`,
      summary: '{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory limit',
    },
    {
      name: 'CpuThrottled',
      severity: 'warning',
      for: 900,
      expr: `rate(${at(PROCESS_METRIC.cpuThrottled)}[5m]) > 0.25`,
      summary:
        '{{ $labels.instance }} is held back by its CPU limit {{ $value | humanizePercentage }} of the time',
    },
    {
      name: 'VerdictMixShifted',
      severity: 'warning',
      for: 900,
      expr: `abs((${verdictShare('1h')}) - (${verdictShare('1d', ' offset 1h')})) > 0.25 and on() ${answered('1h')} > 100 and on() ${answered('1d', ' offset 1h')} > 100`,
      summary:
        'The share of {{ $labels.label }} moved by {{ $value | humanizePercentage }} against the day before',
    },
    {
      name: 'ConfidenceCollapsed',
      severity: 'warning',
      for: 900,
      expr: `${toPromql({ kind: 'mean', histogram: METRIC.predictionConfidence }, { selector: BACKEND, range: '1h' })} < 0.65 and on() ${answered('1h')} > 100`,
      summary: 'The mean confidence of the last hour is {{ $value | humanizePercentage }}',
    },
    {
      name: 'NoTraffic',
      severity: 'info',
      for: 300,
      expr: `(${traffic('30m')} or 0 * max(${at('up')})) == 0 and on() max(${at('up')}) == 1`,
      summary: 'Nobody asked for a prediction in the last 30 min',
    },
  ]
}

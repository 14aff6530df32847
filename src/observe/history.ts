// The catalogue over a range of time, as Prometheus has stored it: series, alerts that fired, changes, budgets.

import { BACKEND_JOB, PROCESS_METRIC } from '../service/metric-names.ts'
import { durationSeconds, promDuration } from '../units.ts'
import { alerts, type Severity, severityOf } from './alerts.ts'
import { type Budget, budgetOf, measure } from './budget.ts'
import { CATALOGUE, type PanelName } from './catalogue.ts'
import { toPromql } from './expression.ts'
import type { Panel, Query } from './panel.ts'
import type { PrometheusClient, Series, Target } from './prometheus.ts'
import { objectives, type SloSettings } from './slo.ts'
import { BACKEND } from './traffic.ts'

/** Points of a series, at most. */
const POINTS = 240
/** A rate needs some scrapes: with four, one may be lost. */
export const SCRAPES_IN_RANGE = 4

/** Seconds since 1970. */
export interface Span {
  from: number
  to: number
}

export interface SeriesHistory {
  legend: string
  /** One for each time; null: there was none. */
  values: (number | null)[]
}

export interface PanelHistory {
  name: PanelName
  /** What was asked. */
  promql: string[]
  /** Of a heat map: observations per second in each bucket, the fastest bucket first. */
  series: SeriesHistory[]
}

export interface FiredAlert {
  name: string
  severity: Severity
  spans: Span[]
}

/** Something that happened at a moment. */
export interface Change {
  at: number
  kind: 'model' | 'restart'
  what: string
}

export interface ObjectiveHistory extends Budget {
  /** Share of good events within the range itself; null without traffic. */
  achievedInRange: number | null
}

export interface History extends Span {
  /** Seconds from one time to the next. */
  step: number
  /** The range that rates are taken over, as Prometheus writes it. */
  rateRange: string
  times: number[]
  panels: PanelHistory[]
  alerts: FiredAlert[]
  changes: Change[]
  objectives: ObjectiveHistory[]
}

/**
 * Reads the whole catalogue.
 *
 * @param scrapeInterval Seconds; used where Prometheus does not say it itself.
 */
export async function readHistory(
  client: PrometheusClient,
  { from, to }: Span,
  { slo, scrapeInterval }: { slo: SloSettings; scrapeInterval: number },
  signal: AbortSignal,
): Promise<History> {
  const interval = await scrapeIntervalOf(client, scrapeInterval, signal)
  const step = Math.max(1, Math.round(interval), Math.ceil((to - from) / POINTS))
  const times = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)
  const rateRange = promDuration(Math.max(step, Math.ceil(SCRAPES_IN_RANGE * interval)))
  const range = { start: from, end: times.at(-1) ?? to, step }
  const over = (promql: string) => client.queryRange(promql, range, signal)
  const gridOf = (series: Series) => onGrid(series, from, step, times.length)

  const readPanel = async (name: PanelName): Promise<PanelHistory> => {
    const panel: Panel = CATALOGUE[name]
    const promql = panel.queries.map((query) =>
      toPromql(query.expression, { selector: BACKEND, range: query.range ?? rateRange }),
    )
    const answers = await Promise.all(promql.map(over))
    const series = panel.queries.flatMap((query, at) =>
      panel.view === 'heatmap'
        ? perBucket(answers[at] ?? [], gridOf)
        : (answers[at] ?? []).map((one) => ({ legend: legendOf(query, one.labels), values: gridOf(one) })),
    )
    return { name, promql, series }
  }
  const readAlerts = async (): Promise<FiredAlert[]> => {
    const names = [...new Set(alerts(slo).map((alert) => alert.name))]
    // What fired between two times counts as well.
    const fired = `ALERTS{alertstate="firing",alertname=~"${names.join('|')}"}`
    const found = await over(
      `max by (alertname, severity) (count_over_time(${fired}[${promDuration(step)}]))`,
    )
    return found
      .map((series) => ({
        name: series.labels.alertname ?? '',
        severity: severityOf(series.labels.severity),
        spans: spansOf(gridOf(series), times, step, { from, to }),
      }))
      .sort((a, b) => rank(a.severity) - rank(b.severity) || a.name.localeCompare(b.name))
  }
  const [panels, fired, starts, budgets] = await Promise.all([
    Promise.all((Object.keys(CATALOGUE) as PanelName[]).map(readPanel)),
    readAlerts(),
    over(`max by (instance, pod) (${PROCESS_METRIC.startTime}{${BACKEND}})`),
    readObjectives(client, { from, to }, slo, signal),
  ])
  return {
    from,
    to,
    step,
    rateRange,
    times,
    panels,
    alerts: fired,
    changes: [...restarts(starts, { from, to }), ...modelChanges(panels, times)].sort((a, b) => a.at - b.at),
    objectives: budgets,
  }
}

/** Seconds between two scrapes of the backend as Prometheus says it, else as the settings do. */
export async function scrapeIntervalOf(
  client: Pick<PrometheusClient, 'targets'>,
  otherwise: number,
  signal: AbortSignal,
): Promise<number> {
  const targets = await client.targets(signal)
  return intervalOf(
    targets.filter((target) => target.labels.job === BACKEND_JOB),
    otherwise,
  )
}

/** Seconds between two scrapes of these targets, the longest; `otherwise` where none of them says it. */
export function intervalOf(targets: readonly Target[], otherwise: number): number {
  const said = targets.map((target) => durationSeconds(target.scrapeInterval ?? '') ?? 0)
  return Math.max(0, ...said) || otherwise
}

async function readObjectives(
  client: PrometheusClient,
  { from, to }: Span,
  slo: SloSettings,
  signal: AbortSignal,
): Promise<ObjectiveHistory[]> {
  const [measured, inRange] = await Promise.all([
    measure(client, slo, signal, to),
    Promise.all(
      objectives(slo).map(async (objective) => {
        const scope = { selector: BACKEND, range: promDuration(Math.round(to - from)) }
        const [sample] = await client.query(toPromql(objective.bad, scope), signal, to)
        return sample && Number.isFinite(sample.value) ? 1 - sample.value : null
      }),
    ),
  ])
  return measured.map((one, at) => ({ ...budgetOf(one, slo), achievedInRange: inRange[at] ?? null }))
}

/** `{{label}}` in a legend stands for the series' label. */
function legendOf({ legend }: Query, labels: Record<string, string>): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim() || 'all'
}

function onGrid({ points }: Series, from: number, step: number, length: number): (number | null)[] {
  const values: (number | null)[] = Array.from({ length }, () => null)
  for (const [time, value] of points) {
    const at = Math.round((time - from) / step)
    // Five figures are more than a chart can show, and keep the page small.
    if (at >= 0 && at < length && Number.isFinite(value)) values[at] = Number(value.toPrecision(5))
  }
  return values
}

/** Prometheus' buckets are cumulated; a heat map shows what fell into each. */
function perBucket(series: Series[], gridOf: (series: Series) => (number | null)[]): SeriesHistory[] {
  const edgeOf = (one: Series) => Number((one.labels.le ?? '').replace('Inf', 'Infinity'))
  const sorted = [...series].sort((a, b) => edgeOf(a) - edgeOf(b))
  const cumulated = sorted.map(gridOf)
  return sorted.map((one, at) => ({
    legend: String(edgeOf(one)),
    values: (cumulated[at] ?? []).map((value, time) =>
      value === null ? null : Number(Math.max(0, value - (cumulated[at - 1]?.[time] ?? 0)).toPrecision(5)),
    ),
  }))
}

/** Times in a row that have a value; each stands for the step before it. */
function spansOf(values: (number | null)[], times: number[], step: number, range: Span): Span[] {
  const spans: Span[] = []
  values.forEach((value, at) => {
    const time = times[at]
    if (value === null || time === undefined) return
    const last = spans.at(-1)
    if (last && last.to >= time - step) last.to = time
    else spans.push({ from: Math.max(range.from, time - step), to: time })
  })
  return spans
}

/** A start time within the range is a start within the range. */
function restarts(starts: Series[], { from, to }: Span): Change[] {
  return starts.flatMap(({ labels, points }) =>
    [...new Set(points.map(([, value]) => Math.round(value)))]
      .filter((start) => start >= from && start <= to)
      .map((at) => ({
        at,
        kind: 'restart' as const,
        what: `${labels.pod || labels.instance || 'backend'} started`,
      })),
  )
}

/** A version that appears beside or after another one. */
function modelChanges(panels: PanelHistory[], times: number[]): Change[] {
  const versions = panels.find((panel) => panel.name === 'modelVersion')?.series ?? []
  const firstOf = ({ values }: SeriesHistory) => values.findIndex((value) => value !== null)
  const earliest = Math.min(...versions.map(firstOf))
  return versions.flatMap((version) => {
    const at = times[firstOf(version)]
    return at === undefined || firstOf(version) === earliest
      ? []
      : [{ at, kind: 'model' as const, what: `model ${version.legend} answers` }]
  })
}

function rank(severity: Severity): number {
  return { critical: 0, warning: 1, info: 2 }[severity]
}

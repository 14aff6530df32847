// Service level objectives: their indicators as PromQL, the burn-rate windows, and the error budget's arithmetic.

import type { Settings } from '../config/schema.ts'
import { METRIC } from '../service/metric-names.ts'
import { promDuration } from '../units.ts'
import { type Expression, type Recorded, toPromql } from './expression.ts'
import { BACKEND, SERVER_ERRORS, TRAFFIC } from './traffic.ts'

/** The settings that state the objectives. */
export type SloSettings = Settings['slo']

/** One objective: which share of which events may be bad. */
export interface Objective {
  id: 'availability' | 'latency'
  title: string
  /** What a good event is, in words. */
  promise: string
  /** Share of events that must be good. */
  target: number
  /** Share of events that were bad. */
  bad: Expression
  /** Events per second. */
  events: Expression
}

/** The objectives that the settings state. */
export function objectives(slo: SloSettings): Objective[] {
  return [
    {
      id: 'availability',
      title: 'Availability',
      promise: 'requests that do not end in 5xx',
      target: slo.availability,
      bad: { kind: 'share', metric: METRIC.httpRequests, where: TRAFFIC, part: SERVER_ERRORS },
      events: { kind: 'rate', metric: METRIC.httpRequests, where: TRAFFIC },
    },
    {
      id: 'latency',
      title: 'Latency',
      promise: `predictions answered within ${promDuration(slo.latency)}`,
      target: slo.latencyShare,
      bad: { kind: 'above', histogram: METRIC.predictionLatency, edge: slo.latency },
      events: { kind: 'rate', metric: METRIC.predictions },
    },
  ]
}

/** One pair of windows that must both burn too fast. */
export interface BurnWindow {
  /** Seconds. */
  long: number
  short: number
  /** Share of the whole budget that is gone when the long window burnt at this rate. */
  budget: number
  severity: 'critical' | 'warning'
  /** Seconds that it must last before the alert fires. */
  for: number
}

const HOUR = 3600
const DAY = 24 * HOUR

/**
 * Google, The Site Reliability Workbook, chapter 5 "Alerting on SLOs", table 5-8 (1 h, 6 h and 3 d; 2 %, 5 % and 10 %
 * of the budget), with the 1 d pair and the waiting times that kubernetes-mixin adds to it.
 */
export const BURN_WINDOWS: readonly [BurnWindow, ...BurnWindow[]] = [
  { long: HOUR, short: 300, budget: 0.02, severity: 'critical', for: 120 },
  { long: 6 * HOUR, short: 1800, budget: 0.05, severity: 'critical', for: 900 },
  { long: DAY, short: 2 * HOUR, budget: 0.1, severity: 'warning', for: HOUR },
  { long: 3 * DAY, short: 6 * HOUR, budget: 0.1, severity: 'warning', for: 3 * HOUR },
]

/** Fewer events than this in the long window prove nothing: one failed request of three must not page anybody. */
export const LEAST_EVENTS = 20

/** How many times faster than allowed the budget burns when `window` would spend its share: 14.4 for 2 % in 1 h of 30 d. */
export function burnFactor(window: BurnWindow, slo: SloSettings): number {
  return (window.budget * slo.window) / window.long
}

/** The name of the recorded share of bad events over a range. */
export function recordedBad(objective: Objective, seconds: number): Recorded {
  return `fnd:slo_${objective.id}:bad_ratio${promDuration(seconds)}`
}

/** The name of the recorded number of events over a range. */
export function recordedEvents(objective: Objective, seconds: number): Recorded {
  return `fnd:slo_${objective.id}:events${promDuration(seconds)}`
}

/** The name of the recorded burn rate over an hour, for the dashboards. */
function recordedBurn(objective: Objective): Recorded {
  return `fnd:slo_${objective.id}:burn_rate1h`
}

/** Recording rules for every window of every objective. */
export function sloRecordings(slo: SloSettings): { record: string; expr: string }[] {
  const ranges = [...new Set(BURN_WINDOWS.flatMap((w) => [w.short, w.long]))].sort((a, b) => a - b)
  return objectives(slo).flatMap((objective) => [
    ...ranges.map((range) => ({
      record: recordedBad(objective, range),
      expr: toPromql(objective.bad, { selector: BACKEND, range: promDuration(range) }),
    })),
    ...BURN_WINDOWS.map(({ long }) => ({
      record: recordedEvents(objective, long),
      expr: `${long} * ${toPromql(objective.events, { selector: BACKEND, range: promDuration(long) })}`,
    })),
    {
      record: recordedBurn(objective),
      expr: `${recordedBad(objective, HOUR)} / ${Number((1 - objective.target).toPrecision(6))}`,
    },
  ])
}

/** True while both windows burn faster than allowed and there was enough traffic to tell. */
export function burnCondition(objective: Objective, window: BurnWindow, slo: SloSettings): string {
  // A loose objective would put the limit above 1, where it can never be passed.
  const limit = Math.min(burnFactor(window, slo) * (1 - objective.target), 0.95)
  const threshold = Number(limit.toPrecision(6))
  return [
    `${recordedBad(objective, window.long)} > ${threshold}`,
    `${recordedBad(objective, window.short)} > ${threshold}`,
    `${recordedEvents(objective, window.long)} >= ${LEAST_EVENTS}`,
  ].join(' and ')
}

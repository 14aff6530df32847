// The error budget of each objective: what is left, how fast it burns, how long it lasts.

import { promDuration } from '../units.ts'
import { toPromql } from './expression.ts'
import type { PrometheusClient } from './prometheus.ts'
import { BURN_WINDOWS, burnFactor, type Objective, objectives, type SloSettings } from './slo.ts'
import { BACKEND } from './traffic.ts'

/** What was measured for one objective; null: no traffic in that range. */
export interface Measured {
  objective: Objective
  /** Share of bad events over the whole window. */
  bad: number | null
  /** Share of bad events over the last hour and the last six. */
  bad1h: number | null
  bad6h: number | null
}

export interface Budget {
  objective: Objective['id']
  title: string
  promise: string
  target: number
  /** Share of good events over the window; null without traffic. */
  achieved: number | null
  /** Share of the budget that is left; below 0 when overspent. */
  left: number | null
  /** How many times faster than allowed the budget burnt over the last hour and the last six. */
  burn1h: number | null
  burn6h: number | null
  /** Seconds until nothing is left at the pace of the last hour; 0 when spent, null when it does not shrink. */
  exhaustedIn: number | null
  state: 'good' | 'warning' | 'bad' | 'unknown'
}

const HOUR = 3600

/** Asks Prometheus for every objective, all at once, now or at `time` (seconds since 1970). */
export async function measure(
  client: PrometheusClient,
  slo: SloSettings,
  signal: AbortSignal,
  time?: number,
): Promise<Measured[]> {
  const badOver = async (objective: Objective, seconds: number) => {
    const range = promDuration(seconds)
    const [sample] = await client.query(toPromql(objective.bad, { selector: BACKEND, range }), signal, time)
    return sample && Number.isFinite(sample.value) ? sample.value : null
  }
  return Promise.all(
    objectives(slo).map(async (objective) => {
      const [bad, bad1h, bad6h] = await Promise.all([
        badOver(objective, slo.window),
        badOver(objective, HOUR),
        badOver(objective, 6 * HOUR),
      ])
      return { objective, bad, bad1h, bad6h }
    }),
  )
}

/** Steps in which the start of the history is looked for, before it is looked at closely. */
const HISTORY_STEPS = 40_000

/** Seconds that Prometheus knows of the backend, up to the window, to the second; 0 when it knows nothing. */
export async function knownHistory(
  client: PrometheusClient,
  window: number,
  signal: AbortSignal,
): Promise<number> {
  const step = Math.max(15, Math.ceil(window / HISTORY_STEPS))
  const scraped = `timestamp(up{${BACKEND}})`
  const [[coarse], [now]] = await Promise.all([
    client.query(`min(min_over_time(${scraped}[${promDuration(window)}:${promDuration(step)}]))`, signal),
    client.query('time()', signal),
  ])
  if (!coarse || !now) return 0
  // The first scrape may lie up to a step before the first look that saw one.
  const range = { start: coarse.value - step, end: coarse.value, step: 1 }
  const close = await client.queryRange(`min(${scraped})`, range, signal)
  const first = Math.min(coarse.value, ...close.flatMap(({ points }) => points.map(([, value]) => value)))
  return Math.min(window, Math.max(0, now.value - first))
}

/**
 * The budget of one objective. Bad: spent, or burning as fast as the workbook's first page would call somebody for;
 * warning: burning faster than allowed.
 */
export function budgetOf({ objective, bad, bad1h, bad6h }: Measured, slo: SloSettings): Budget {
  const { id, title, promise, target } = objective
  const allowed = 1 - target
  // A target of 100 % allows nothing: any bad event overspends it.
  const burn = (share: number | null) =>
    share === null ? null : share === 0 ? 0 : allowed > 0 ? share / allowed : Number.MAX_VALUE
  const spent = burn(bad)
  const left = spent === null ? null : 1 - spent
  const burn1h = burn(bad1h)
  const exhaustedIn = left === null ? null : left <= 0 ? 0 : burn1h ? (left * slo.window) / burn1h : null
  const [page] = BURN_WINDOWS
  const paging = page ? burnFactor(page, slo) : Number.POSITIVE_INFINITY
  const state =
    left === null
      ? 'unknown'
      : left <= 0 || (burn1h ?? 0) > paging
        ? 'bad'
        : (burn1h ?? 0) > 1
          ? 'warning'
          : 'good'
  return {
    objective: id,
    title,
    promise,
    target,
    achieved: bad === null ? null : 1 - bad,
    left,
    burn1h,
    burn6h: burn(bad6h),
    exhaustedIn,
    state,
  }
}

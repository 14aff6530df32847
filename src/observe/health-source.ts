// Where health gets its answers: a Prometheus, or the backend's own /metrics where there is none.

import { fetch } from 'undici'
import { FndError, isFndError } from '../errors/error.ts'
import { seconds } from '../format.ts'
import { BACKEND_JOB, PROCESS_METRIC } from '../service/metric-names.ts'
import { durationSeconds, promDuration } from '../units.ts'
import { type Severity, severityOf } from './alerts.ts'
import { evaluate } from './evaluate.ts'
import { type NamedSample, parseExposition } from './exposition.ts'
import { type Expression, toPromql } from './expression.ts'
import { SCRAPES_IN_RANGE, scrapeIntervalOf } from './history.ts'
import { type PrometheusClient, type Sample, whyFetchFailed } from './prometheus.ts'
import { BACKEND } from './traffic.ts'

/** One instance of the backend, as seen by whoever scrapes it. */
export interface Scrape {
  instance: string
  up: boolean
  /** Seconds since the last scrape; absent before the first. */
  age?: number
  /** Seconds from one scrape to the next, where that is known. */
  every?: number
  error?: string
}

/** How far a start has come: soon after it, what is missing may still come. */
export interface Beginning {
  /** Seconds since Prometheus started; absent where it does not say. */
  prometheus?: number
  /** Seconds since the first start of the backend that Prometheus knows of; absent where it knows none. */
  backend?: number
  /** Whether any scrape of the backend ever succeeded. */
  everUp: boolean
  /** What the backend itself says; absent where it was not asked. */
  direct?: BackendState
}

/** ready: it answers predictions; starting: it answers, not yet predictions; silent: it does not answer. */
export type BackendState = 'ready' | 'starting' | 'silent'

/** For so many seconds a start may take; an alert tells when it takes longer. */
export const STARTING_SECONDS = 120

export interface HealthAlert {
  name: string
  severity: Severity
  state: 'firing' | 'pending'
  summary: string
  runbook: string
  /** Seconds since its condition became true. */
  since: number
}

export interface HealthSource {
  readonly kind: 'prometheus' | 'backend'
  /** What the answers are about, in words: "last 5 min", "since the backend started 12 s ago". */
  period(windowSeconds: number): string
  /** Looks again: to be called before each round of questions. */
  refresh(signal: AbortSignal): Promise<void>
  /** The expression's present value over the window, one sample for each group. */
  ask(
    expression: Expression,
    windowSeconds: number,
    signal: AbortSignal,
    by?: readonly string[],
  ): Promise<Sample[]>
  /** Recent values, oldest first, null where there was none; empty where no history is kept. */
  trend(expression: Expression, windowSeconds: number, signal: AbortSignal): Promise<(number | null)[]>
  alerts(signal: AbortSignal): Promise<HealthAlert[]>
  scrapes(signal: AbortSignal): Promise<Scrape[]>
  /** Of the stack that is asked about; undefined where there is nothing to wait for. */
  beginning(signal: AbortSignal): Promise<Beginning | undefined>
}

/** Points of a trend line. */
const TREND_POINTS = 24
/** A trend reaches back this many windows. */
const TREND_WINDOWS = 6
/** The shortest range, in seconds: that of the default interval of 15 s. */
const LEAST_RANGE = 60

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value

/** Seconds that the trend of a window reaches back. */
export function trendSpan(windowSeconds: number): number {
  return windowSeconds * TREND_WINDOWS
}

/**
 * Asks a Prometheus; `now` is in milliseconds since 1970. `askBackend` is asked only soon after a start, when Prometheus
 * cannot know yet whether the backend is there.
 */
export function prometheusSource(
  client: PrometheusClient,
  now: () => number,
  askBackend?: (signal: AbortSignal) => Promise<BackendState>,
): HealthSource {
  /** Seconds since the first start that Prometheus knows of; a rate over more than that would read too low. */
  let age = Number.POSITIVE_INFINITY
  let least = LEAST_RANGE
  const rangeOf = (window: number) => Math.max(least, Math.min(window, Math.round(age)))
  return {
    kind: 'prometheus',
    period: (window) =>
      rangeOf(window) < window ? `${seconds(age)} since the start` : `last ${promDuration(rangeOf(window))}`,
    refresh: async (signal) => {
      const [[oldest], interval] = await Promise.all([
        client.query(`time() - min(min_over_time(${PROCESS_METRIC.startTime}{${BACKEND}}[1d]))`, signal),
        scrapeIntervalOf(client, 0, signal),
      ])
      least = Math.max(LEAST_RANGE, Math.ceil(SCRAPES_IN_RANGE * interval))
      age = oldest && oldest.value >= 0 ? oldest.value : Number.POSITIVE_INFINITY
    },
    ask: (expression, window, signal, by) =>
      client.query(
        toPromql(expression, {
          selector: BACKEND,
          range: promDuration(rangeOf(window)),
          ...(by ? { by } : {}),
        }),
        signal,
      ),
    trend: async (expression, window, signal) => {
      const end = now() / 1000
      const step = trendSpan(window) / TREND_POINTS
      const range = promDuration(Math.max(least, Math.round(step)))
      const start = end - trendSpan(window) + step
      const [series] = await client.queryRange(
        toPromql(expression, { selector: BACKEND, range }),
        { start, end, step },
        signal,
      )
      const points = new Map(
        series?.points.map(([time, value]) => [Math.round((time - start) / step), value]),
      )
      return Array.from({ length: TREND_POINTS }, (_, at) => finite(points.get(at)))
    },
    alerts: async (signal) => {
      const active = await client.alerts(signal)
      return active.flatMap((alert) =>
        alert.state === 'inactive'
          ? []
          : [
              {
                name: alert.labels.alertname ?? 'unnamed',
                severity: severityOf(alert.labels.severity),
                state: alert.state,
                summary: alert.annotations.summary ?? '',
                runbook: alert.annotations.runbook_url ?? '',
                since: Math.max(0, (now() - Date.parse(alert.activeAt)) / 1000),
              },
            ],
      )
    },
    beginning: async (signal) => {
      const [started, [ever]] = await Promise.all([
        // Servers that only speak its API do not all tell: they are not young.
        client.started(signal).catch((error: unknown) => {
          if (!isFndError(error)) throw error
          return undefined
        }),
        client.query(`max(max_over_time(up{${BACKEND}}[1d]))`, signal),
      ])
      const prometheus = started === undefined ? undefined : Math.max(0, now() / 1000 - started)
      const young = [prometheus, age].some((seconds) => seconds !== undefined && seconds <= STARTING_SECONDS)
      return {
        ...(prometheus === undefined ? {} : { prometheus }),
        ...(Number.isFinite(age) ? { backend: age } : {}),
        everUp: ever?.value === 1,
        ...(young && askBackend ? { direct: await askBackend(signal) } : {}),
      }
    },
    scrapes: async (signal) => {
      const targets = await client.targets(signal)
      return targets
        .filter((target) => target.labels.job === BACKEND_JOB)
        .map((target) => {
          const last = Date.parse(target.lastScrape)
          return {
            instance: target.labels.pod ?? target.labels.instance ?? target.scrapeUrl,
            up: target.health === 'up',
            ...(last > 0 ? { age: Math.max(0, (now() - last) / 1000) } : {}),
            ...(target.scrapeInterval ? { every: durationSeconds(target.scrapeInterval) ?? 0 } : {}),
            ...(target.lastError ? { error: target.lastError } : {}),
          }
        })
    },
  }
}

interface Look {
  /** Milliseconds since 1970. */
  time: number
  samples: NamedSample[]
}

/** Longest wait for /metrics, in milliseconds. */
const METRICS_DEADLINE_MS = 5000

/**
 * Reads the backend at `base` itself. The first look tells what happened since the process started; later ones (with
 * --watch) what happened between two looks, no further back than the window.
 *
 * Refreshing throws FND_BACKEND_DOWN or FND_METRICS_UNREADABLE.
 */
export function backendSource(base: URL, now: () => number): HealthSource {
  let looks: Look[] = []
  const startTime = (look: Look) =>
    look.samples.find((sample) => sample.name === PROCESS_METRIC.startTime)?.value ?? look.time / 1000

  /** The latest look, and the oldest one within the window of the same process. */
  function span(window: number): { now: NamedSample[]; before?: NamedSample[]; seconds: number } {
    const latest = looks.at(-1)
    if (!latest) return { now: [], seconds: 1 }
    const oldest = looks.find(
      (look) => latest.time - look.time <= window * 1000 && startTime(look) === startTime(latest),
    )
    const uptime = Math.max(1, latest.time / 1000 - startTime(latest))
    return oldest && oldest !== latest && uptime > window
      ? { now: latest.samples, before: oldest.samples, seconds: (latest.time - oldest.time) / 1000 }
      : { now: latest.samples, seconds: uptime }
  }

  return {
    kind: 'backend',
    period: (window) => {
      const { before, seconds } = span(window)
      return `${before ? 'last' : 'since the backend started,'} ${Math.round(seconds)} s`
    },
    refresh: async (signal) => {
      const samples = parseExposition(await readMetrics(base, signal))
      looks = [...looks, { time: now(), samples }].slice(-1000)
    },
    ask: async (expression, window) => evaluate(expression, span(window)),
    trend: async (expression) =>
      looks.slice(-TREND_POINTS - 1).flatMap((look, at, all) => {
        const before = all[at - 1]
        if (!before) return []
        const seconds = (look.time - before.time) / 1000
        const [sample] = evaluate(expression, { now: look.samples, before: before.samples, seconds })
        return [finite(sample?.value)]
      }),
    alerts: async () => [],
    scrapes: async () => [{ instance: base.host, up: true, age: 0 }],
    beginning: async () => undefined,
  }
}

/** Asks the backend at `base` itself whether it answers predictions. */
export async function backendState(base: URL, signal: AbortSignal): Promise<BackendState> {
  try {
    const response = await fetch(new URL('ready', base), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(METRICS_DEADLINE_MS)]),
    })
    await response.body?.cancel()
    return response.ok ? 'ready' : 'starting'
  } catch {
    signal.throwIfAborted()
    return 'silent'
  }
}

async function readMetrics(base: URL, signal: AbortSignal): Promise<string> {
  const unreachable = (why: string, cause?: unknown) =>
    new FndError('FND_BACKEND_DOWN', { url: base.href, why }, { cause })
  try {
    const response = await fetch(new URL('metrics', base), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(METRICS_DEADLINE_MS)]),
    })
    if (!response.ok) throw unreachable(`/metrics answered ${response.status}`)
    return await response.text()
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof FndError ? error : unreachable(whyFetchFailed(error, METRICS_DEADLINE_MS), error)
  }
}

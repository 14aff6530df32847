// A client of Prometheus' HTTP API: what fnd asks, with a deadline on every request and every answer parsed.

import { fetch } from 'undici'
import { z } from 'zod'
import { FndError, messageOf } from '../errors/error.ts'

/** Longest wait for one answer, in milliseconds. */
const DEADLINE_MS = 10_000

const labels = z.record(z.string(), z.string())
/** Prometheus writes numbers as text, among them NaN, +Inf and -Inf. */
const number = z.string().transform((text) => Number(text.replace('Inf', 'Infinity')))
const point = z.tuple([z.number(), number])

const instantData = z.union([
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: point })),
  }),
  z.object({ resultType: z.literal('scalar'), result: point }),
])
const rangeData = z.object({
  resultType: z.literal('matrix'),
  result: z.array(z.object({ metric: labels, values: z.array(point) })),
})
const targetsData = z.object({
  activeTargets: z.array(
    z.object({
      labels,
      scrapeUrl: z.string(),
      health: z.enum(['up', 'down', 'unknown']),
      lastError: z.string(),
      lastScrape: z.string(),
      lastScrapeDuration: z.number(),
      /** As Prometheus writes durations, e.g. `15s`, `1m30s`. */
      scrapeInterval: z.string().optional(),
    }),
  ),
})
const rulesData = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      evaluationTime: z.number().optional(),
      rules: z.array(
        z.object({
          type: z.enum(['alerting', 'recording']),
          name: z.string(),
          health: z.string(),
          lastError: z.string().optional(),
        }),
      ),
    }),
  ),
})
const alertsData = z.object({
  alerts: z.array(
    z.object({
      labels,
      annotations: labels,
      state: z.enum(['firing', 'pending', 'inactive']),
      activeAt: z.string(),
    }),
  ),
})
const configData = z.object({ yaml: z.string() })
const runtimeinfoData = z.object({ startTime: z.string() })
const buildinfoData = z.object({ version: z.string() })
const envelope = z.union([
  z.object({ status: z.literal('success'), data: z.unknown() }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])

/** One series of an instant query; a scalar has no labels. */
export interface Sample {
  labels: Record<string, string>
  value: number
}

/** One series of a range query: seconds since 1970, value. */
export interface Series {
  labels: Record<string, string>
  points: [time: number, value: number][]
}

export interface Range {
  /** Seconds since 1970. */
  start: number
  end: number
  /** Seconds. */
  step: number
}

export type Target = z.output<typeof targetsData>['activeTargets'][number]
export type RuleGroup = z.output<typeof rulesData>['groups'][number]
export type ActiveAlert = z.output<typeof alertsData>['alerts'][number]

export interface PrometheusClient {
  /** Evaluates PromQL now, or at `time` (seconds since 1970). */
  query(promql: string, signal: AbortSignal, time?: number): Promise<Sample[]>
  queryRange(promql: string, range: Range, signal: AbortSignal): Promise<Series[]>
  targets(signal: AbortSignal): Promise<Target[]>
  rules(signal: AbortSignal): Promise<RuleGroup[]>
  alerts(signal: AbortSignal): Promise<ActiveAlert[]>
  /** The configuration that it has loaded, as YAML. */
  config(signal: AbortSignal): Promise<string>
  /** When the server started, in seconds since 1970. */
  started(signal: AbortSignal): Promise<number>
  /** Version of the server. */
  version(signal: AbortSignal): Promise<string>
  /** Whether it has started and serves queries; never throws but for an abort. */
  ready(signal: AbortSignal): Promise<boolean>
}

/**
 * A client for the Prometheus at `base` (a path prefix is kept).
 *
 * Every method throws FND_PROMETHEUS_UNREACHABLE when nothing usable answers in time and FND_QUERY_REFUSED when
 * Prometheus does not take the query; an aborted signal throws its AbortError.
 */
export function prometheusClient(base: URL, deadlineMs = DEADLINE_MS): PrometheusClient {
  const address = (path: string) => new URL(`${base.href.replace(/\/$/, '')}${path}`)

  async function ask<T extends z.ZodType>(
    path: string,
    schema: T,
    signal: AbortSignal,
    form?: Record<string, string>,
  ): Promise<z.output<T>> {
    const unreachable = (why: string, cause?: unknown) =>
      new FndError('FND_PROMETHEUS_UNREACHABLE', { url: base.href, why }, { cause })
    let status: number
    let body: unknown
    try {
      const response = await fetch(address(path), {
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      })
      status = response.status
      body = await response.json()
    } catch (error) {
      signal.throwIfAborted()
      throw unreachable(whyFetchFailed(error, deadlineMs), error)
    }
    const answer = envelope.safeParse(body)
    if (!answer.success) throw unreachable(`it answered ${status} with something that is not Prometheus`)
    if (answer.data.status === 'error') {
      throw new FndError('FND_QUERY_REFUSED', { query: form?.query ?? path, why: answer.data.error })
    }
    const data = schema.safeParse(answer.data.data)
    if (!data.success) throw unreachable(`its answer to ${path} has an unknown form`, data.error)
    return data.data
  }

  return {
    query: async (promql, signal, time) => {
      const data = await ask('/api/v1/query', instantData, signal, {
        query: promql,
        ...(time === undefined ? {} : { time: String(time) }),
      })
      return data.resultType === 'scalar'
        ? [{ labels: {}, value: data.result[1] }]
        : data.result.map((series) => ({ labels: series.metric, value: series.value[1] }))
    },
    queryRange: async (promql, range, signal) => {
      const data = await ask('/api/v1/query_range', rangeData, signal, {
        query: promql,
        start: String(range.start),
        end: String(range.end),
        step: String(range.step),
      })
      return data.result.map((series) => ({ labels: series.metric, points: series.values }))
    },
    targets: async (signal) => (await ask('/api/v1/targets?state=active', targetsData, signal)).activeTargets,
    rules: async (signal) => (await ask('/api/v1/rules', rulesData, signal)).groups,
    alerts: async (signal) => (await ask('/api/v1/alerts', alertsData, signal)).alerts,
    config: async (signal) => (await ask('/api/v1/status/config', configData, signal)).yaml,
    started: async (signal) =>
      Date.parse((await ask('/api/v1/status/runtimeinfo', runtimeinfoData, signal)).startTime) / 1000,
    version: async (signal) => (await ask('/api/v1/status/buildinfo', buildinfoData, signal)).version,
    ready: async (signal) => {
      try {
        const response = await fetch(address('/-/ready'), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
        })
        await response.body?.cancel()
        return response.ok
      } catch {
        signal.throwIfAborted()
        return false
      }
    },
  }
}

/** Why an answer could not be had. */
export function whyFetchFailed(error: unknown, deadlineMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${deadlineMs / 1000} s`
  if (error instanceof SyntaxError) return 'what answers there sends no JSON'
  return messageOf(error)
}

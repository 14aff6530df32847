// Prometheus' text format 0.0.4, as the backend's /metrics speaks it: its samples and the quantiles of its histograms.

import { FndError } from '../errors/error.ts'
import type { Sample } from './prometheus.ts'

/** One sample of a page: a series' name, labels and value. */
export interface NamedSample extends Sample {
  name: string
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\[\\"n])*)"\s*(,|(?=\}))/
const TAIL = /^\s*(\S+)(?:\s+-?\d+)?\s*$/
const NUMBER = /^[+-]?(?:inf(?:inity)?|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i

/**
 * The samples of a page in Prometheus' text format 0.0.4; comments, HELP, TYPE and timestamps are passed over.
 *
 * @throws FndError FND_METRICS_UNREADABLE naming the line that does not fit.
 */
export function parseExposition(text: string): NamedSample[] {
  return text.split('\n').flatMap((raw, at) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return []
    const sample = parseLine(line)
    if (!sample) {
      throw new FndError('FND_METRICS_UNREADABLE', { line: at + 1, text: line.slice(0, 80) })
    }
    return [sample]
  })
}

function parseLine(line: string): NamedSample | undefined {
  const name = NAME.exec(line)?.[0]
  if (!name) return undefined
  const labels: Record<string, string> = {}
  let rest = line.slice(name.length).trimStart()
  if (rest.startsWith('{')) {
    rest = rest.slice(1).trimStart()
    while (!rest.startsWith('}')) {
      const [whole, key, escaped] = LABEL.exec(rest) ?? []
      if (whole === undefined || key === undefined || escaped === undefined) return undefined
      labels[key] = escaped.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
      rest = rest.slice(whole.length).trimStart()
    }
    rest = rest.slice(1)
  }
  const value = TAIL.exec(rest)?.[1]
  if (value === undefined || !NUMBER.test(value)) return undefined
  return { name, labels, value: parseNumber(value) }
}

/** A number as Prometheus writes it: `+Inf`, `-Inf` and `NaN` among them. */
export function parseNumber(text: string): number {
  return Number(text.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity').replace(/^[+-]?nan$/i, 'NaN'))
}

/** A bucket of a classic histogram: how many observations were at most `edge`. */
export interface Bucket {
  edge: number
  count: number
}

/**
 * The q-quantile of a classic histogram, linear within its bucket; NaN without observations or without a +Inf bucket.
 * The algorithm of Prometheus' `histogram_quantile` (prometheus/prometheus, promql/quantile.go, BucketQuantile), so that
 * the backend's own page and Prometheus say the same.
 */
export function histogramQuantile(q: number, buckets: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const sorted = cumulative(buckets)
  const last = sorted.at(-1)
  const beforeLast = sorted.at(-2)
  if (!last || !beforeLast || last.edge !== Number.POSITIVE_INFINITY || !(last.count > 0)) return Number.NaN
  const rank = q * last.count
  const at = sorted.findIndex((bucket) => bucket.count >= rank)
  const bucket = sorted[at]
  if (!bucket || bucket === last) return beforeLast.edge
  const below = sorted[at - 1]
  if (!below && bucket.edge <= 0) return bucket.edge
  const start = below?.edge ?? 0
  const before = below?.count ?? 0
  const inside = bucket.count - before
  return inside === 0 ? start : start + ((bucket.edge - start) * (rank - before)) / inside
}

/** Sorted by edge, equal edges added up, counts never falling. */
function cumulative(buckets: readonly Bucket[]): Bucket[] {
  const byEdge = new Map<number, number>()
  for (const { edge, count } of buckets) byEdge.set(edge, (byEdge.get(edge) ?? 0) + count)
  let most = 0
  return [...byEdge]
    .sort(([a], [b]) => a - b)
    .map(([edge, count]) => {
      most = Math.max(most, count)
      return { edge, count: most }
    })
}

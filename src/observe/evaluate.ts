// Answers an expression from the backend's own /metrics, as Prometheus would from its store.

import { type Bucket, histogramQuantile, type NamedSample, parseNumber } from './exposition.ts'
import type { Expression, Matcher } from './expression.ts'
import type { Sample } from './prometheus.ts'

/** What happened between two looks at /metrics; without an earlier look, since the process started. */
export interface Span {
  now: readonly NamedSample[]
  before?: readonly NamedSample[]
  /** Seconds between them, or since the start. */
  seconds: number
}

type Labels = Readonly<Record<string, string>>

/** The value of each group; an expression that needs Prometheus' own knowledge has none. */
export function evaluate(expression: Expression, span: Span): Sample[] {
  switch (expression.kind) {
    case 'rate':
      return rates(expression.metric, expression, span)
    case 'increase':
      return rates(expression.metric, expression, { ...span, seconds: 1 })
    case 'gauge':
      return grouped(select(span.now, expression.metric, expression.where), expression.by, (values) =>
        expression.fold === 'sum'
          ? total(values)
          : expression.fold === 'max'
            ? Math.max(...values)
            : Math.min(...values),
      )
    case 'share': {
      const whole = rates(expression.metric, expression, span)
      const part = rates(
        expression.metric,
        { ...expression, where: [...(expression.where ?? []), ...expression.part] },
        span,
      )
      return whole.map((sample) => ({ ...sample, value: (valueAt(part, sample.labels) ?? 0) / sample.value }))
    }
    case 'mix': {
      const parts = rates(expression.metric, expression, span)
      const whole = total(parts.map((sample) => sample.value))
      return parts.map((sample) => ({ ...sample, value: sample.value / whole }))
    }
    case 'quantile':
      return quantiles(expression, span)
    case 'mean':
      return divided(
        rates(`${expression.histogram}_sum`, expression, span),
        rates(`${expression.histogram}_count`, expression, span),
      )
    case 'work':
      return rates(`${expression.histogram}_sum`, expression, span)
    case 'above': {
      const edge = (sample: Sample) => parseNumber(sample.labels.le ?? '') === expression.edge
      const fast = rates(`${expression.histogram}_bucket`, expression, span, edge)
      const all = rates(`${expression.histogram}_count`, expression, span)
      return divided(fast, all).map((sample) => ({ ...sample, value: 1 - sample.value }))
    }
    case 'buckets':
      return rates(
        `${expression.histogram}_bucket`,
        { ...expression, by: ['le', ...(expression.by ?? [])] },
        span,
      )
    case 'times':
      return evaluate(expression.of, span).map((sample) => ({
        ...sample,
        value: expression.factor * sample.value,
      }))
    case 'ratio':
      return divided(evaluate(expression.of, span), evaluate(expression.to, span))
    case 'changes':
    case 'stability':
    case 'distance':
    case 'rules':
    case 'recorded':
      return []
  }
}

interface Selection {
  where?: readonly Matcher[]
  by?: readonly string[]
}

/** Increase per second of each group; a counter that fell was reset, so what it shows now is its increase. */
function rates(
  name: string,
  { where, by }: Selection,
  span: Span,
  keep: (sample: Sample) => boolean = () => true,
): Sample[] {
  const earlier = new Map(
    span.before ? select(span.before, name, where).map((sample) => [key(sample.labels), sample.value]) : [],
  )
  const increases = select(span.now, name, where)
    .filter(keep)
    .map((sample) => {
      const before = earlier.get(key(sample.labels)) ?? 0
      return { ...sample, value: sample.value >= before ? sample.value - before : sample.value }
    })
  return grouped(increases, by, (values) => total(values) / span.seconds)
}

function quantiles(expression: Expression & { kind: 'quantile' }, span: Span): Sample[] {
  const apart = expression.by ?? []
  const buckets = rates(`${expression.histogram}_bucket`, { ...expression, by: ['le', ...apart] }, span)
  const groups = new Map<string, { labels: Labels; buckets: Bucket[] }>()
  for (const { labels, value } of buckets) {
    const { le = '', ...rest } = labels
    const group = groups.get(key(rest)) ?? { labels: rest, buckets: [] }
    group.buckets.push({ edge: parseNumber(le), count: value })
    groups.set(key(rest), group)
  }
  return [...groups.values()].map((group) => ({
    labels: { ...group.labels },
    value: histogramQuantile(expression.q, group.buckets),
  }))
}

function select(samples: readonly NamedSample[], name: string, where: readonly Matcher[] = []): Sample[] {
  return samples.filter((sample) => sample.name === name && where.every((m) => matches(sample.labels, m)))
}

function matches(labels: Labels, { label, op, value }: Matcher): boolean {
  const found = labels[label] ?? ''
  if (op === '=' || op === '!=') return (found === value) === (op === '=')
  // Prometheus' regular expressions hold for the whole value.
  return new RegExp(`^(?:${value})$`).test(found) === (op === '=~')
}

function grouped(
  samples: readonly Sample[],
  by: readonly string[] = [],
  fold: (values: number[]) => number,
): Sample[] {
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>()
  for (const sample of samples) {
    const labels = Object.fromEntries(by.map((label) => [label, sample.labels[label] ?? '']))
    const group = groups.get(key(labels)) ?? { labels, values: [] }
    group.values.push(sample.value)
    groups.set(key(labels), group)
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: fold(values) }))
}

function divided(over: readonly Sample[], under: readonly Sample[]): Sample[] {
  return over.flatMap((sample) => {
    const divisor = valueAt(under, sample.labels)
    return divisor === undefined ? [] : [{ ...sample, value: sample.value / divisor }]
  })
}

function valueAt(samples: readonly Sample[], labels: Labels): number | undefined {
  return samples.find((sample) => key(sample.labels) === key(labels))?.value
}

function key(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort())
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

// A question to the metrics, said as data: PromQL is written from it, and a bare /metrics page can be asked the same.

import type { METRIC, PROCESS_METRIC } from '../service/metric-names.ts'

type Values<T> = T[keyof T]

/** A metric that the backend exposes or that Prometheus adds to its targets; a typo does not compile. */
export type Metric = Values<typeof METRIC> | Values<typeof PROCESS_METRIC> | 'up' | 'scrape_duration_seconds'

/** Series that fnd's own recording rules write. */
export type Recorded = `fnd:slo_${'availability' | 'latency'}:${string}`

/** What Prometheus tells about its groups of rules. */
type RuleMetric = 'prometheus_rule_group_last_duration_seconds' | 'prometheus_rule_evaluation_failures_total'

/** fnd's own groups, however their file is named. */
const OWN_RULES = 'rule_group=~".*;fnd-.*"'

/** A share of nothing would make the index infinite. */
const LEAST_SHARE = 0.001

export interface Matcher {
  label: string
  op: '=' | '!=' | '=~' | '!~'
  value: string
}

interface Selection {
  where?: readonly Matcher[]
  /** Labels that stay apart; everything else is summed up. */
  by?: readonly string[]
}

export type Expression =
  /** Per-second rate of a counter. */
  | (Selection & { kind: 'rate'; metric: Metric })
  /** How much a counter grew within the range. */
  | (Selection & { kind: 'increase'; metric: Metric })
  /** Present value of a gauge over all instances. */
  | (Selection & { kind: 'gauge'; metric: Metric; fold: 'sum' | 'max' | 'min' })
  /** Share of a counter's rate that also matches `part`; 0 when nothing of that kind was ever counted, none without traffic. */
  | (Selection & { kind: 'share'; metric: Metric; part: readonly Matcher[] })
  /** Each series of a counter (kept apart by `by`) as a share of them all. */
  | (Selection & { kind: 'mix'; metric: Metric; by: readonly string[] })
  /** Quantile of a classic histogram. */
  | (Selection & { kind: 'quantile'; q: number; histogram: Metric })
  /** Mean of a histogram's observations. */
  | (Selection & { kind: 'mean'; histogram: Metric })
  /** Sum of a histogram's observations per second: for durations, how many run at a time. */
  | (Selection & { kind: 'work'; histogram: Metric })
  /** Share of a histogram's observations above one of its bucket edges. */
  | (Selection & { kind: 'above'; histogram: Metric; edge: number })
  /** Observations per second in each bucket, for heat maps. */
  | (Selection & { kind: 'buckets'; histogram: Metric })
  /** How often a gauge changed within the range, e.g. a start time: restarts. */
  | (Selection & { kind: 'changes'; metric: Metric })
  /** How far the shares of a counter's series are from those that a gauge states: population stability index. */
  | (Selection & { kind: 'stability'; metric: Metric; by: readonly string[]; reference: Metric })
  /** How far a histogram's observations are from those of a constant histogram: largest distance of the cumulated shares. */
  | (Selection & { kind: 'distance'; histogram: Metric; reference: Metric })
  /** A gauge of Prometheus about its own evaluation of fnd's rules. */
  | { kind: 'rules'; metric: RuleMetric; fold: 'max' | 'increase' }
  /** What a recording rule wrote; it carries no label of the backend. */
  | { kind: 'recorded'; series: Recorded }
  | { kind: 'times'; factor: number; of: Expression }
  | { kind: 'ratio'; of: Expression; to: Expression }

/** What an expression is evaluated over. */
export interface Scope {
  /** Label matchers that select the stack's backend, e.g. `job="backend"`. */
  selector: string
  /** Range of rates, e.g. `5m` or Grafana's `$__rate_interval`. */
  range: string
  /** Labels that stay apart everywhere, e.g. `instance` for a view per instance. */
  by?: readonly string[]
}

/** Writes the expression as PromQL that Prometheus 2.42 and 3.x both take. */
export function toPromql(expression: Expression, scope: Scope): string {
  const at = (name: string, ...extra: (readonly Matcher[] | undefined)[]) =>
    `${name}{${[scope.selector, ...extra.flatMap((list) => list ?? []).map(matcherText)].join(',')}}`
  const fold = (operator: string, inner: string, selection: Selection, ...more: string[]) => {
    const labels = [...more, ...(selection.by ?? []), ...(scope.by ?? [])]
    return labels.length ? `${operator} by (${labels.join(', ')}) (${inner})` : `${operator}(${inner})`
  }
  const rate = (name: string, selection: Selection, ...extra: (readonly Matcher[])[]) =>
    fold('sum', `rate(${at(name, selection.where, ...extra)}[${scope.range}])`, selection)
  switch (expression.kind) {
    case 'rate':
      return rate(expression.metric, expression)
    case 'increase':
      return fold('sum', `increase(${at(expression.metric, expression.where)}[${scope.range}])`, expression)
    case 'gauge':
      return fold(expression.fold, at(expression.metric, expression.where), expression)
    case 'share': {
      const whole = rate(expression.metric, expression)
      return `(${rate(expression.metric, expression, expression.part)} or 0 * ${whole}) / ${whole}`
    }
    case 'mix': {
      const { by: apart, ...whole } = expression
      return `${rate(expression.metric, expression)} / ignoring(${apart.join(', ')}) group_left() ${rate(expression.metric, whole)}`
    }
    case 'quantile': {
      const buckets = `rate(${at(`${expression.histogram}_bucket`, expression.where)}[${scope.range}])`
      return `histogram_quantile(${expression.q}, ${fold('sum', buckets, expression, 'le')})`
    }
    case 'mean':
      return `${rate(`${expression.histogram}_sum`, expression)} / ${rate(`${expression.histogram}_count`, expression)}`
    case 'work':
      return rate(`${expression.histogram}_sum`, expression)
    case 'above': {
      const fast = rate(`${expression.histogram}_bucket`, expression, [edgeMatcher(expression.edge)])
      return `1 - ${fast} / ${rate(`${expression.histogram}_count`, expression)}`
    }
    case 'buckets':
      return fold(
        'sum',
        `rate(${at(`${expression.histogram}_bucket`, expression.where)}[${scope.range}])`,
        expression,
        'le',
      )
    case 'changes':
      return fold('sum', `changes(${at(expression.metric, expression.where)}[${scope.range}])`, expression)
    case 'stability': {
      // Sum of (actual − expected) · ln(actual / expected) over the groups: N. Siddiqi, Credit Risk Scorecards (2006).
      const { by: apart, reference, metric, where } = expression
      const actual = toPromql({ kind: 'mix', metric, by: apart, ...(where ? { where } : {}) }, scope)
      const stated = fold('max', at(reference), { by: apart })
      const share = (text: string) => `clamp_min(${text}, ${LEAST_SHARE})`
      return fold(
        'sum',
        `(${share(actual)} - ${share(stated)}) * ln(${share(actual)} / ${share(stated)})`,
        {},
      )
    }
    case 'distance': {
      // The statistic of Kolmogorov and Smirnov on the buckets' edges.
      const { histogram, reference, where } = expression
      const seen = `${fold('sum', `rate(${at(`${histogram}_bucket`, where)}[${scope.range}])`, {}, 'le')} / ignoring(le) group_left() ${rate(`${histogram}_count`, { ...(where ? { where } : {}) })}`
      const stated = `${fold('sum', at(`${reference}_bucket`), {}, 'le')} / ignoring(le) group_left() ${fold('sum', at(`${reference}_count`), {})}`
      return fold('max', `abs((${seen}) - (${stated}))`, {})
    }
    case 'rules':
      return expression.fold === 'max'
        ? `max(${expression.metric}{${OWN_RULES}})`
        : `sum(increase(${expression.metric}{${OWN_RULES}}[${scope.range}]))`
    case 'recorded':
      return expression.series
    case 'times':
      return `${expression.factor} * ${parenthesised(expression.of, scope)}`
    case 'ratio':
      return `${parenthesised(expression.of, scope)} / ${parenthesised(expression.to, scope)}`
  }
}

/** A matcher as PromQL writes it. */
function matcherText(matcher: Matcher): string {
  return `${matcher.label}${matcher.op}${JSON.stringify(matcher.value)}`
}

/** Prometheus 3 writes whole edges as `1.0`, Prometheus 2 keeps the `1` that the backend exposes: match both. */
function edgeMatcher(edge: number): Matcher {
  return Number.isInteger(edge)
    ? { label: 'le', op: '=~', value: `${edge}|${edge}.0` }
    : { label: 'le', op: '=', value: String(edge) }
}

function parenthesised(expression: Expression, scope: Scope): string {
  const text = toPromql(expression, scope)
  return ['share', 'mix', 'mean', 'above', 'times', 'ratio'].includes(expression.kind) ? `(${text})` : text
}

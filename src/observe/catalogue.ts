// The catalogue of panels: what an operator wants to see, said once. Dashboards, health, rules and alerts come from here.

/** Units as Grafana names them. */
export type Unit = 's' | 'percentunit' | 'reqpm' | 'bytes' | 'short' | 'cores' | 'none'

export interface Threshold {
  /** The value is worse the higher it is ('above') or the lower it is ('below'). */
  when: 'above' | 'below'
  warning: number
  bad: number
}

/** What a query is evaluated over: a job selector and a range. */
export interface Scope {
  /** Label matchers that select the stack's backend, e.g. `job="backend"`. */
  selector: string
  /** Range of rates, e.g. `5m` or Grafana's `$__rate_interval`. */
  range: string
}

export interface Query {
  /** Legend; may hold Grafana's `{{label}}`. */
  legend: string
  promql: (scope: Scope) => string
}

export interface Panel {
  id: string
  title: string
  description: string
  unit: Unit
  queries: readonly Query[]
  threshold?: Threshold
  /** What to do when it is bad: an anchor of docs/runbooks. */
  runbook: string
}

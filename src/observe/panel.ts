// The form of a catalogue entry: one thing that an operator wants to see, wherever it is shown.

import type { Expression } from './expression.ts'
import type { Unit } from './unit.ts'

export interface Threshold {
  /** The value is worse the higher it is ('above') or the lower it is ('below'). */
  when: 'above' | 'below'
  warning: number
  bad: number
}

export interface Query {
  /** Legend; may hold Grafana's `{{label}}`. */
  legend: string
  expression: Expression
  /** A fixed range where the question names one, e.g. `1h`; otherwise the viewer's. */
  range?: string
}

/** lines, stacked: over time; number: the present value, large; heatmap: buckets over time; table: labels. */
export type View = 'lines' | 'stacked' | 'number' | 'heatmap' | 'table'

/** What the entries of the catalogue are about, in the order of a reading. */
export type Group = 'Traffic' | 'Prediction' | 'Saturation' | 'Model' | 'Objectives' | 'Plumbing'

export interface Panel {
  id: string
  title: string
  group: Group
  description: string
  unit: Unit
  view: View
  queries: readonly [Query, ...Query[]]
  threshold?: Threshold
  /** The alert whose page in docs/runbooks says what to do when it is bad. */
  runbook?: string
}

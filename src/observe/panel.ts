// The form of a catalogue entry: one thing that an operator wants to see, wherever it is shown.

import type { Expression } from './expression.ts'
import type { Unit } from './unit.ts'

export interface Threshold {
  /** The value is worse the higher it is ('above') or the lower it is ('below'). */
  when: 'above' | 'below'
  warning: number
  bad: number
}

/** That a panel has no threshold is decided, and why. */
export interface NoThreshold {
  none: string
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
  threshold: Threshold | NoThreshold
  /** What to do when it is bad: a page of docs/runbooks, that of its alert where it has one, else `Page#section`. */
  runbook: string
}

/** The threshold of a panel that has one. */
export function limitsOf({ threshold }: Panel): Threshold | undefined {
  return 'none' in threshold ? undefined : threshold
}

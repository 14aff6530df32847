// What the page hands to its charts.

import type { Threshold } from '../../../observe/panel.ts'
import type { Unit } from '../../../observe/unit.ts'

export interface ChartPanel {
  id: string
  unit: Unit
  view: 'lines' | 'stacked' | 'number' | 'heatmap' | 'table'
  threshold?: Threshold
  /** Those of the table beside the chart, in its order; of a heat map a bucket each, the legend is its upper edge. */
  series: { legend: string; values: (number | null)[] }[]
  /** When the alert about it fired. */
  fired: { from: number; to: number }[]
}

export interface ChartData {
  /** Seconds since 1970. */
  times: number[]
  changes: { at: number; what: string }[]
  panels: ChartPanel[]
}

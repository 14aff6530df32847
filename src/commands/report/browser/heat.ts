// The heat map: a column for each time, a row for each bucket, the darker the more fell into it.

import uPlot from 'uplot'
import type { ChartPanel } from './chart-data.ts'

export interface Heat {
  /** Upper edges of the buckets that are shown, the lowest first; the last may be Infinity. */
  edges: number[]
  rows: (number | null)[][]
  most: number
}

/** The buckets from the first to the last that ever held something. */
export function heatOf(series: ChartPanel['series']): Heat {
  const used = series.map(({ values }) => values.some((value) => value !== null && value > 0))
  const first = Math.max(0, used.indexOf(true))
  const shown = series.slice(first, used.lastIndexOf(true) + 1 || series.length)
  const rows = shown.map(({ values }) => values)
  return {
    edges: shown.map(({ legend }) => Number(legend)),
    rows,
    most: Math.max(0, ...rows.flat().filter((value) => value !== null)),
  }
}

/** Draws the cells; a value above zero is never invisible. */
export function cells(u: uPlot, { rows, most }: Heat, times: number[], color: string): void {
  const { ctx, bbox } = u
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = color
  rows.forEach((values, row) => {
    const low = Math.round(u.valToPos(row, 'y', true))
    const high = Math.round(u.valToPos(row + 1, 'y', true))
    values.forEach((value, at) => {
      const time = times[at]
      if (!value || time === undefined) return
      const left = Math.round(u.valToPos(time - step, 'x', true))
      const right = Math.round(u.valToPos(time, 'x', true))
      // The eye sees ratios: the root keeps rare observations visible.
      ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(value / most)
      ctx.fillRect(left, high + uPlot.pxRatio, Math.max(1, right - left), low - high - uPlot.pxRatio)
    })
  })
  ctx.restore()
}

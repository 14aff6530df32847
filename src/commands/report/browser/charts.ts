// Runs in the report's page: draws its charts with uPlot, in the colours of the page, and again for paper.

import uPlot from 'uplot'
import { clock, number } from '../../../format.ts'
import { figureText, type Unit } from '../../../observe/unit.ts'
import type { ChartData, ChartPanel } from './chart-data.ts'
import { cells, type Heat, heatOf } from './heat.ts'

type Points = (number | null)[]

const HEIGHT = { lines: 190, stacked: 190, number: 130, heatmap: 190, table: 110 } as const
/** Width on paper, in CSS pixels: half of A4 or Letter without the margins. */
const PAPER_WIDTH = 318
/** Paper has more dots than a screen: drawn larger, shown smaller (page.css, `zoom`). */
const PAPER_SCALE = 2
/** A threshold far above everything would press the lines to the ground: it is left to the words. */
const FAR = 3
/** Lines are told apart without colour as well. */
const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]]
const KIBI_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power)

interface Paper {
  width: number
  scale: number
}

/** The colours of the page as they are now. */
function palette() {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    text: of('quiet'),
    grid: of('line'),
    warning: of('warning'),
    bad: of('bad'),
    heat: of('heat'),
    series: [0, 1, 2, 3, 4, 5].map((at) => of(`s${at}`)),
  }
}
type Palette = ReturnType<typeof palette>

function axisText(value: number, unit: Unit): string {
  return unit === 'reqpm' || unit === 'cores' ? number(value) : figureText(value, unit)
}

function draw(data: ChartData, panel: ChartPanel, place: HTMLElement, paper: Paper | undefined): uPlot {
  const colors = palette()
  const scale = paper?.scale ?? 1
  const heat = panel.view === 'heatmap' ? heatOf(panel.series) : undefined
  const stacked = panel.view === 'stacked' || panel.view === 'table'
  const drawn: Points[] = heat
    ? [data.times.map(() => null)]
    : stacked
      ? cumulated(panel.series.map(({ values }) => values))
      : panel.series.map(({ values }) => values)
  const most = heat ? heat.edges.length : Math.max(0, ...drawn.flat().filter((value) => value !== null))
  const limits = heat || stacked ? [] : thresholdLines(panel, most)
  const top = heat ? most : Math.max(most, ...limits.map(({ value }) => value)) * 1.08 || 1
  const font = `${(paper ? 8.5 : 11) * scale}px system-ui, sans-serif`
  const axis = { stroke: colors.text, font, ticks: { stroke: colors.grid, width: scale, size: 4 * scale } }
  const colorOf = (at: number) => colors.series[at % colors.series.length] ?? colors.text
  const dashOf = (at: number) => (DASHES[at % DASHES.length] ?? []).map((length) => length * scale)
  return new uPlot(
    {
      width: paper ? paper.width * scale : place.clientWidth,
      height: HEIGHT[panel.view] * scale,
      tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
      legend: { show: false },
      padding: [8 * scale, 10 * scale, 0, 0],
      cursor: { y: false, drag: { x: true, y: false }, sync: { key: 'time' }, points: { show: !heat } },
      scales: { x: { time: true }, y: { range: [0, top] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28 * scale,
          space: 64 * scale,
          values: (_, splits) => splits.map((time) => tick(time, data.times)),
        },
        {
          ...axis,
          grid: { stroke: colors.grid, width: scale },
          size: 62 * scale,
          space: 28 * scale,
          gap: 4 * scale,
          ...(heat ? heatAxis(heat, panel.unit) : {}),
          ...(panel.unit === 'bytes' ? { incrs: KIBI_STEPS } : {}),
          ...(heat ? {} : { values: (_, splits) => splits.map((value) => axisText(value, panel.unit)) }),
        },
      ],
      series: [
        {},
        ...drawn.map((_, at) => ({
          stroke: colorOf(at),
          width: 1.5 * scale,
          dash: dashOf(at),
          spanGaps: false,
          points: { show: false },
          ...(panel.view === 'number' || (stacked && at === 0) ? { fill: faint(colorOf(at)) } : {}),
        })),
      ],
      bands: stacked
        ? drawn.slice(1).map((_, at) => ({ series: [at + 2, at + 1], fill: faint(colorOf(at + 1)) }))
        : [],
      hooks: {
        drawClear: [(u) => shade(u, panel, colors)],
        draw: [
          (u) => {
            if (heat) cells(u, heat, data.times, colors.heat)
            for (const { at } of data.changes) vertical(u, at, colors.text, scale)
            for (const limit of limits) horizontal(u, limit, colors, panel.unit, scale)
          },
        ],
        setCursor: [(u) => showAt(u, panel, data.times, place)],
      },
    },
    [data.times, ...drawn],
    place,
  )
}

/** Each series on top of those before it. */
function cumulated(series: Points[]): Points[] {
  const sums: number[] = []
  return series.map((values) =>
    values.map((value, at) => {
      if (value === null && sums[at] === undefined) return null
      sums[at] = (sums[at] ?? 0) + (value ?? 0)
      return sums[at]
    }),
  )
}

interface Limit {
  value: number
  kind: 'warning' | 'bad'
}

function thresholdLines({ threshold }: ChartPanel, most: number): Limit[] {
  if (!threshold) return []
  const { warning, bad } = threshold
  const both: Limit[] = [
    { value: bad, kind: 'bad' },
    { value: warning, kind: 'warning' },
  ]
  return both.filter(
    ({ value, kind }, at) => value <= most * FAR && (kind === 'bad' || value !== both[at - 1]?.value),
  )
}

function horizontal(u: uPlot, { value, kind }: Limit, colors: Palette, unit: Unit, scale: number): void {
  const { ctx, bbox } = u
  const y = Math.round(u.valToPos(value, 'y', true))
  ctx.save()
  ctx.strokeStyle = colors[kind]
  ctx.fillStyle = colors[kind]
  ctx.lineWidth = scale * uPlot.pxRatio
  ctx.setLineDash([6 * scale * uPlot.pxRatio, 4 * scale * uPlot.pxRatio])
  line(ctx, bbox.left, y, bbox.left + bbox.width, y)
  ctx.font = `${10 * scale * uPlot.pxRatio}px system-ui, sans-serif`
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.fillText(`${kind} ${axisText(value, unit)}`, bbox.left + bbox.width, y - 2)
  ctx.restore()
}

function vertical(u: uPlot, time: number, color: string, scale: number): void {
  const { ctx, bbox } = u
  const x = Math.round(u.valToPos(time, 'x', true))
  if (x < bbox.left || x > bbox.left + bbox.width) return
  ctx.save()
  ctx.strokeStyle = color
  ctx.lineWidth = scale * uPlot.pxRatio
  ctx.setLineDash([2 * scale * uPlot.pxRatio, 3 * scale * uPlot.pxRatio])
  line(ctx, x, bbox.top, x, bbox.top + bbox.height)
  ctx.restore()
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath()
  ctx.moveTo(x0, y0)
  ctx.lineTo(x1, y1)
  ctx.stroke()
}

/** The times in which the alert of this chart fired. */
function shade(u: uPlot, { fired }: ChartPanel, colors: Palette): void {
  const { ctx, bbox } = u
  const right = bbox.left + bbox.width
  ctx.save()
  ctx.fillStyle = faint(colors.bad)
  for (const { from, to } of fired) {
    const start = Math.max(bbox.left, u.valToPos(from, 'x', true))
    const end = Math.min(right, u.valToPos(to, 'x', true))
    ctx.fillRect(start, bbox.top, Math.max(1, end - start), bbox.height)
  }
  ctx.restore()
}

function heatAxis({ edges }: Heat, unit: Unit): Pick<uPlot.Axis, 'splits' | 'values'> {
  const every = Math.ceil(edges.length / 6)
  const shown = edges.map((_, at) => at + 1).filter((at) => at % every === 0)
  return {
    splits: () => shown,
    values: () =>
      shown.map((at) => {
        const edge = edges[at - 1] ?? 0
        return Number.isFinite(edge) ? axisText(edge, unit) : 'more'
      }),
  }
}

/** While the pointer is on a chart, the last column of its table shows the values there. */
function showAt(u: uPlot, panel: ChartPanel, times: number[], place: HTMLElement) {
  const cellsOf = place.closest('figure')?.querySelectorAll<HTMLElement>('.last') ?? []
  const at = u.cursor.idx
  const time = at === null || at === undefined ? undefined : times[at]
  cellsOf.forEach((cell, row) => {
    cell.dataset.last ??= cell.textContent ?? ''
    if (at === null || at === undefined || time === undefined) cell.textContent = cell.dataset.last
    else if (row === 0) cell.textContent = clock(time)
    else {
      const value = panel.series[row - 1]?.values[at]
      cell.textContent = value === null || value === undefined ? '–' : figureText(value, panel.unit)
    }
  })
}

/** Days where the range is longer than two, else the time of day. */
function tick(time: number, times: number[]): string {
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * 86_400
  return long ? new Date(time * 1000).toISOString().slice(5, 10) : clock(time)
}

function faint(color: string): string {
  return `color-mix(in srgb, ${color} 22%, transparent)`
}

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as ChartData
let charts: uPlot[] = []
let onPaper = false

function drawAll(paper?: Paper): void {
  onPaper = paper !== undefined
  for (const chart of charts) chart.destroy()
  charts = data.panels.flatMap((panel) => {
    const place = document.getElementById(`chart-${panel.id}`)
    return place ? [draw(data, panel, place, paper)] : []
  })
}

/** The space of a chart follows the page, its chart follows the space. */
const spaces = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const chart = charts.find(({ root }) => root.parentElement === target)
    const width = Math.floor(contentRect.width)
    if (chart && width > 0 && !onPaper && width !== chart.width)
      chart.setSize({ width, height: chart.height })
  }
})

drawAll()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll())
for (const { root } of charts) if (root.parentElement) spaces.observe(root.parentElement)
addEventListener('beforeprint', () => {
  document.documentElement.classList.add('paper')
  drawAll({ width: PAPER_WIDTH, scale: PAPER_SCALE })
})
addEventListener('afterprint', () => {
  document.documentElement.classList.remove('paper')
  drawAll()
})

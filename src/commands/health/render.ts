// How health reads on a terminal: what is wrong first, then the figures, within 80 columns.

import { number, percent, seconds } from '../../format.ts'
import type { FigureName, InstanceFigure } from '../../observe/health.ts'
import { INSTANCE_FIGURES, unitOf } from '../../observe/health.ts'
import { figureText } from '../../observe/unit.ts'
import type { Paint } from '../../output/paint.ts'
import { hang } from '../../output/prose.ts'
import { stackedBar, trendLine } from '../../output/trend.ts'
import { canaryDoes } from '../canary-text.ts'
import { findingLines } from '../finding-text.ts'
import type { Report } from './report.ts'

const STATE_MARK = { healthy: 'good', warning: 'warning', unhealthy: 'bad', waiting: 'unknown' } as const
const STATE_WORDS = {
  healthy: 'healthy',
  warning: 'healthy, with warnings',
  unhealthy: 'unhealthy',
  waiting: 'waiting for the first scrape',
}
/** In the order of their happening; told apart without colour, and in ASCII as well. */
const STAGE_FILLS: Record<string, string> = { tokenize: '░', queue: '▓', inference: '█', other: '·' }
const LONGEST_BAR = 100
const TITLE_WIDTH = 15
const VALUE_WIDTH = 24
/** Findings of the compact form. */
const MOST_FINDINGS = 3

/**
 * The whole report, no line longer than `columns` but for what is to be copied; compact, what mends it and the headings are left out, and so is all
 * but the worst findings.
 */
export function render(report: Report, paint: Paint, columns: number, compact = false): string {
  const title = (text: string) => (compact ? [] : [paint.bold(text)])
  const shown = compact ? report.findings.slice(0, MOST_FINDINGS) : report.findings
  const left = report.findings.length - shown.length
  const line = (name: FigureName, suffix = '') => figureLine(report, name, paint, columns, suffix)
  const instances = instanceTable(report, paint, columns)
  return [
    heading(report, paint, columns),
    ...shown.flatMap((finding) => findingLines(finding, paint, columns, compact)),
    ...(left > 0 ? [paint.dim(`  … and ${left} more: \`fnd health\``)] : []),
    // Asked for, and so not left below the edge of a small screen.
    ...(compact ? instances : ['']),
    ...title('Traffic'),
    line('rate'),
    line('errors'),
    line('callerErrors'),
    ...title('AI prediction latency'),
    ...(['p50', 'p95', 'p99', 'mean'] as const).map((name) => line(name)),
    ...stages(report, columns),
    ...title('Model process'),
    line('cpu', limitText(report, 'cpuLimit')),
    line('memory', limitText(report, 'memoryLimit')),
    line('queue', limitText(report, 'queueCapacity')),
    line('workersBusy'),
    line('eventLoop'),
    ...title('Model'),
    plain('in service', models(report), columns),
    ...report.canaries.map((one) => plain(one.mode, canaryOf(one), columns)),
    plain('verdicts', shares(report.verdicts) || 'none', columns),
    plain('alerts', alertsText(report), columns),
    ...(compact ? [] : instances),
  ].join('\n')
}

function heading(report: Report, paint: Paint, columns: number): string {
  const state = `${paint.mark(STATE_MARK[report.state])} ${paint.bold(STATE_WORDS[report.state])}`
  const ages = report.scrapes.flatMap((scrape) => (scrape.age === undefined ? [] : [scrape.age]))
  const scraped = ages.length ? `, scraped ${seconds(Math.round(Math.min(...ages)) || 1)} ago` : ''
  const { kind, stack, url } = report.source
  const place = url.replace(/^http:\/\/|\/$/g, '')
  const about = [
    ...(stack ? [stack] : []),
    kind === 'prometheus' ? `${report.period}${scraped}` : report.period,
    kind === 'prometheus' ? place : `${place}/metrics`,
  ].join(' · ')
  // An address that is cut off is of no use: it goes on in the next line.
  const [first = '', ...more] = lines(about, columns - STATE_WORDS[report.state].length - 4)
  return [
    `${state}  ${paint.dim(first)}`,
    ...more.map((text) => paint.dim(`  ${text}`)),
    ...(report.source.note ? lines(`  ${report.source.note}`, columns, '  ').map(paint.dim) : []),
  ].join('\n')
}

function figureLine(report: Report, name: FigureName, paint: Paint, columns: number, suffix: string): string {
  const room = Math.max(0, columns - 2 - TITLE_WIDTH - VALUE_WIDTH)
  const figure = report.figures[name]
  const text =
    figure.value === null ? absent(report, name) : `${figureText(figure.value, figure.unit)}${suffix}`
  const marked = figure.mark === 'bad' || figure.mark === 'warning'
  return [
    marked ? `${paint.mark(figure.mark)} ` : '  ',
    figure.title.padEnd(TITLE_WIDTH),
    figure.value === null
      ? paint.dim(text.padEnd(VALUE_WIDTH))
      : marked
        ? paint.as(figure.mark, text.padEnd(VALUE_WIDTH))
        : text.padEnd(VALUE_WIDTH),
    paint.accent(trendLine(figure.trend.slice(Math.max(0, figure.trend.length - room)))),
  ]
    .join('')
    .trimEnd()
}

/** A value that is missing says why: 0 ms would be a lie. */
function absent(report: Report, name: FigureName): string {
  if (report.state === 'waiting') return 'not yet'
  const needsTraffic = ['errors', 'callerErrors', 'p50', 'p95', 'p99', 'mean'].includes(name)
  return needsTraffic && (report.figures.rate.value === 0 || report.figures.rate.value === null)
    ? 'no traffic'
    : 'no data'
}

function limitText(report: Report, limit: 'cpuLimit' | 'memoryLimit' | 'queueCapacity'): string {
  const { value, unit } = report.figures[limit]
  return value === null ? '' : ` of ${unit === 'cores' ? number(value) : figureText(value, unit)}`
}

function stages(report: Report, columns: number): string[] {
  const parts = partsOf(report.stages)
  if (parts.length === 0) return []
  const legend = parts.map((part) => `${part.fill} ${part.stage} ${seconds(part.value)}`).join('  ')
  return [
    `  ${'spent on'.padEnd(TITLE_WIDTH)}${stackedBar(parts, Math.min(LONGEST_BAR, columns - TITLE_WIDTH - 3))}`,
    // Below the bar where there is room, else further left: a line more is a figure less on a small screen.
    ...lines(
      `${' '.repeat(Math.max(2, Math.min(TITLE_WIDTH + 2, columns - legend.length)))}${legend}`,
      columns,
      '  ',
    ),
  ]
}

function partsOf(stages: Record<string, number>) {
  return Object.entries(STAGE_FILLS).flatMap(([stage, fill]) => {
    const value = stages[stage]
    return value === undefined ? [] : [{ stage, value, fill }]
  })
}

/** A bar for each instance, as long as its predictions take beside those of the slowest. */
function instanceBars(report: Report, nameWidth: number, columns: number): string[] {
  const bars = report.instances.map(({ instance, stages }) => {
    const parts = partsOf(stages)
    return { instance, parts, total: parts.reduce((sum, { value }) => sum + value, 0) }
  })
  const slowest = Math.max(...bars.map(({ total }) => total))
  if (!slowest) return []
  const room = Math.max(1, Math.min(LONGEST_BAR, columns - nameWidth - 14))
  return bars.map(({ instance, parts, total }) => {
    const bar = stackedBar(parts, Math.max(parts.length, Math.round((total / slowest) * room)))
    return `  ${cut(instance, nameWidth).padEnd(nameWidth)} ${total ? `${bar} ${seconds(total)}` : '–'}`
  })
}

function models(report: Report): string {
  return (
    report.models
      .map(
        (model) =>
          `${model.name} ${model.version}${model.instances > 1 ? ` (${model.instances} instances)` : ''}`,
      )
      .join(', ') || 'unknown'
  )
}

function canaryOf(canary: Report['canaries'][number]): string {
  const { name, version } = canary
  return `${name} ${version} ${canaryDoes(canary)}`
}

function shares(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([label, share]) => `${label} ${percent(share)}`)
    .join(', ')
}

function alertsText(report: Report): string {
  if (report.source.kind === 'backend') return 'unknown without Prometheus'
  if (report.alerts.length === 0) return 'none'
  const longest = new Map<string, Report['alerts'][number]>()
  for (const alert of report.alerts) {
    const known = longest.get(alert.name)
    if (!known || rank(alert) > rank(known)) longest.set(alert.name, alert)
  }
  return [...longest.values()]
    .map(
      (alert) => `${alert.name} (${alert.severity}) ${alert.state} for ${seconds(Math.round(alert.since))}`,
    )
    .join(', ')
}

/** One alert has several conditions (windows): the firing one says most, then the longest lasting. */
function rank(alert: Report['alerts'][number]): number {
  return (alert.state === 'firing' ? 1e9 : 0) + alert.since
}

const COLUMN_TITLES: Record<InstanceFigure, string> = {
  rate: 'req/min',
  errors: '5xx',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  cpu: 'cores',
  memory: 'memory',
  queue: 'queue',
}

function instanceTable(report: Report, paint: Paint, columns: number): string[] {
  if (report.instances.length === 0) return []
  const nameWidth = Math.min(24, Math.max(8, ...report.instances.map(({ instance }) => instance.length)))
  const cell = (text: string) => text.padStart(9)
  const value = (name: InstanceFigure, n: number | null) => {
    if (n === null) return '–'
    const unit = unitOf(name)
    return unit === 'reqpm' || unit === 'cores' ? number(n) : figureText(n, unit)
  }
  const fitting = INSTANCE_FIGURES.slice(0, Math.max(1, Math.floor((columns - nameWidth - 2) / 9)))
  return [
    paint.bold('Instances'),
    paint.dim(`  ${' '.repeat(nameWidth)}${fitting.map((name) => cell(COLUMN_TITLES[name])).join('')}`),
    ...report.instances.map(
      ({ instance, figures }) =>
        `  ${cut(instance, nameWidth).padEnd(nameWidth)}${fitting.map((name) => cell(value(name, figures[name]))).join('')}`,
    ),
    ...instanceBars(report, nameWidth, columns),
  ]
}

function plain(title: string, text: string, columns: number): string {
  return hang(`  ${title.padEnd(TITLE_WIDTH)}${text}`, columns, ' '.repeat(TITLE_WIDTH + 2))
}

const lines = (text: string, width: number, indent = ''): string[] => hang(text, width, indent).split('\n')

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

// The judgement on a range of time that has passed: what went wrong, for how long, and why; pure.

import { momentsWithin, percent, seconds } from '../format.ts'
import { CATALOGUE, type PanelName } from './catalogue.ts'
import { FIGURES, type FigureName } from './health.ts'
import { STARTING_SECONDS } from './health-source.ts'
import type { FiredAlert, History, SeriesHistory } from './history.ts'
import { runbookOf } from './rules.ts'
import type { SloSettings } from './slo.ts'
import { levelOf, thresholdsFor } from './thresholds.ts'
import { figureText } from './unit.ts'
import { causeOfLatency, type Finding, type State } from './verdict.ts'

export interface Hindsight {
  /** unknown: Prometheus has nothing about the stack in the range. */
  state: State | 'unknown'
  /** The worst first. */
  findings: Finding[]
}

/**
 * Judges a range as a whole. Unhealthy: a critical alert fired, an objective was missed over the range, or the backend
 * was not there to be asked. A value beyond its threshold for a while is a warning.
 */
export function judgeHistory(history: History, slo: SloSettings): Hindsight {
  const seen = valuesOf(history, 'targetsUp').filter((value) => value !== null).length
  if (seen === 0) {
    return {
      state: 'unknown',
      findings: [
        {
          level: 'bad',
          what: 'Prometheus has nothing about this stack in the range',
          mend: `Choose another range, or see ${runbookOf('TargetMissing')}`,
        },
      ],
    }
  }
  const tell = momentsWithin(history)
  const findings = [
    ...ofAlerts(history.alerts, tell),
    ...ofObjectives(history),
    ...ofAbsence(history, seen),
    ...ofExcursions(history, slo),
    ...ofTraffic(history),
    ...history.changes.map(({ at, what }): Finding => ({ level: 'info', what: `${tell(at)} ${what}` })),
  ]
  const order = { bad: 0, warning: 1, info: 2 }
  findings.sort((a, b) => order[a.level] - order[b.level])
  const worst = findings[0]?.level
  return { state: worst === 'bad' ? 'unhealthy' : worst === 'warning' ? 'warning' : 'healthy', findings }
}

function ofAlerts(fired: readonly FiredAlert[], tell: (epoch: number) => string): Finding[] {
  const level = { critical: 'bad', warning: 'warning', info: 'info' } as const
  return fired.map(({ name, severity, spans }) => {
    const first = spans[0]?.from ?? 0
    const last = spans.at(-1)?.to ?? 0
    const lasted = spans.reduce((sum, span) => sum + span.to - span.from, 0)
    return {
      level: level[severity],
      what: `Alert ${name} (${severity}) fired for ${seconds(lasted)}, ${tell(first)} to ${tell(last)}${spans.length > 1 ? `, ${spans.length} times` : ''}`,
      mend: `See ${runbookOf(name)}`,
    }
  })
}

function ofObjectives(history: History): Finding[] {
  return history.objectives.flatMap((objective): Finding[] => {
    const { achievedInRange, target, title, promise } = objective
    if (achievedInRange === null || !missed(history, objective.objective)) return []
    return [
      {
        level: 'bad',
        what: `${title} missed in this range: ${percent(achievedInRange)} instead of ${percent(target)} of ${promise}`,
        ...(objective.objective === 'latency'
          ? causeWithin(history)
          : { mend: `See ${runbookOf('ErrorBudgetBurn')}` }),
      },
    ]
  })
}

function missed({ objectives }: Pick<History, 'objectives'>, id: 'availability' | 'latency'): boolean {
  return objectives.some(
    ({ objective, achievedInRange, target }) =>
      objective === id && achievedInRange !== null && achievedInRange < target,
  )
}

function ofAbsence({ times, step, ...history }: History, seen: number): Finding[] {
  const values = valuesOf(history, 'targetsUp')
  // A stack that came up within the range was scraped before it listened: that is a start, not an outage.
  const first = values.findIndex((value) => value !== null)
  const up = values.findIndex((value) => value !== null && value > 0)
  const started = first > 0 && up > first && (up - first) * step <= STARTING_SECONDS
  const down = values.slice(started ? up : 0).filter((value) => value === 0).length
  const unseen = times.length - seen
  return [
    ...(down
      ? [
          {
            level: 'bad' as const,
            what: `No backend instance answered its scrapes for ${seconds(down * step)}`,
            mend: `See ${runbookOf('BackendDown')}`,
          },
        ]
      : []),
    ...(unseen > 1
      ? [
          {
            level: 'info' as const,
            what: `Prometheus has nothing for ${seconds(unseen * step)} of the ${seconds(times.length * step)}: it did not run, or the stack did not`,
          },
        ]
      : []),
  ]
}

function ofExcursions(history: History, slo: SloSettings): Finding[] {
  const thresholds = Object.entries(thresholdsFor(slo)) as [
    FigureName,
    NonNullable<ReturnType<typeof thresholdsFor>[FigureName]>,
  ][]
  return thresholds.flatMap(([name, threshold]): Finding[] => {
    const { panel, query } = FIGURES[name]
    const values = valuesOf(history, panel, query).filter((value) => value !== null)
    const beyond = values.filter((value) => levelOf(value, threshold) !== 'good')
    // A missed objective has said so, and why.
    const told = name === 'p95' && missed(history, 'latency')
    if (beyond.length === 0 || told) return []
    const { title, unit } = CATALOGUE[panel]
    const worst = Math.max(...beyond)
    return [
      {
        level: 'warning',
        what: `${name === 'p95' ? 'p95 prediction latency' : title} was above ${figureText(threshold.warning, unit)} for ${seconds(beyond.length * history.step)}, at most ${figureText(worst, unit)}`,
        ...(name === 'p95' ? causeWithin(history) : {}),
      },
    ]
  })
}

function ofTraffic(history: History): Finding[] {
  return valuesOf(history, 'requestRate').some((value) => value)
    ? []
    : [{ level: 'info', what: 'No traffic in the range' }]
}

/** The cause of slow predictions, from the times at which they were slow. */
function causeWithin(history: History): Pick<Finding, 'cause' | 'mend'> {
  const p95 = valuesOf(history, 'predictionLatency', FIGURES.p95.query)
  const known = p95.filter((value) => value !== null)
  const middle = (Math.min(...known) + Math.max(...known)) / 2
  const meanWhileSlow = (values: readonly (number | null)[]) =>
    mean(values.filter((_, at) => (p95[at] ?? -1) >= middle))
  const stages = Object.fromEntries(
    seriesOf(history, 'predictionStages').flatMap(({ legend, values }) => {
      const value = meanWhileSlow(values)
      return value === null ? [] : [[legend, value]]
    }),
  )
  const figure = (name: 'workersBusy' | 'throttling' | 'windows') =>
    meanWhileSlow(valuesOf(history, FIGURES[name].panel, FIGURES[name].query))
  return causeOfLatency({
    stages,
    figures: {
      workersBusy: figure('workersBusy'),
      throttling: figure('throttling'),
      windows: figure('windows'),
    },
  })
}

type Panels = Pick<History, 'panels'>

function seriesOf({ panels }: Panels, name: PanelName): readonly SeriesHistory[] {
  return panels.find((panel) => panel.name === name)?.series ?? []
}

/** The values of an entry's query; empty where it returned none. */
function valuesOf(history: Panels, name: PanelName, query = 0): readonly (number | null)[] {
  const { legend } = CATALOGUE[name].queries[query] ?? CATALOGUE[name].queries[0]
  return seriesOf(history, name).find((series) => series.legend === legend)?.values ?? []
}

/** The mean of what there is; null where there is nothing. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null
}

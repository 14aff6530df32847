// The judgement on health: what is wrong, why, and what mends it; pure.

import { number, percent, seconds } from '../format.ts'
import type { Mark } from '../mark.ts'
import { CATALOGUE } from './catalogue.ts'
import { FIGURES, type FigureName, type Readings, unitOf } from './health.ts'
import { STARTING_SECONDS } from './health-source.ts'
import type { Threshold } from './panel.ts'
import { runbookOf } from './rules.ts'
import type { SloSettings } from './slo.ts'
import { levelOf, thresholdsFor } from './thresholds.ts'
import { figureText } from './unit.ts'

export type State = 'healthy' | 'warning' | 'unhealthy'

/** waiting: just started, and Prometheus has nothing to judge from yet. */
export type HealthState = State | 'waiting'

export interface Finding {
  level: 'bad' | 'warning' | 'info'
  /** What is wrong, in one line. */
  what: string
  /** Why, where that can be told. */
  cause?: string
  mend?: string
}

export interface Verdict {
  state: HealthState
  /** The worst first. */
  findings: Finding[]
  marks: Record<FigureName, Mark>
}

/** A limit asked for with --slo: the figure must not be above it. */
export type Demands = Partial<Record<'p50' | 'p95' | 'p99' | 'mean' | 'errors', number>>

/** Seconds without a scrape after which what is shown is old, however often Prometheus scrapes; and in scrapes. */
const STALE_SECONDS = 90
const STALE_SCRAPES = 3

/**
 * Judges readings. Bad, and so unhealthy: no backend answers, no model is ready, a critical alert fires, a figure is
 * beyond the catalogue's bad threshold (for latency and errors: beyond the objectives), a demand is broken or cannot
 * be shown to hold. No traffic is no fault, and neither is a stack that has just started: it is waited for.
 */
export function judge(readings: Readings, slo: SloSettings, demands: Demands = {}): Verdict {
  const thresholds = thresholdsFor(slo)
  // The first scrape tells how long the start held the event loop up; from the second on, how long the work does.
  if (readings.source === 'prometheus' && readings.figures.cpu === null) delete thresholds.eventLoop
  const waiting = waitingFor(readings)
  const marks = Object.fromEntries(
    (Object.keys(FIGURES) as FigureName[]).map((name) => [
      name,
      markOf(readings.figures[name], thresholds[name], demands[name as keyof Demands]),
    ]),
  ) as Record<FigureName, Mark>
  const findings = [
    ...(waiting ? [waiting] : [...ofScrapes(readings), ...ofModel(readings)]),
    ...ofAlerts(readings),
    ...ofDemands(readings, demands),
    ...(waiting ? [] : [...ofThresholds(readings, thresholds, demands), ...ofTraffic(readings)]),
  ]
  const order = { bad: 0, warning: 1, info: 2 }
  findings.sort((a, b) => order[a.level] - order[b.level])
  const worst = findings[0]?.level
  return {
    state: worst === 'bad' ? 'unhealthy' : waiting ? 'waiting' : worst === 'warning' ? 'warning' : 'healthy',
    findings,
    marks,
  }
}

function markOf(value: number | null, threshold: Threshold | undefined, demand: number | undefined): Mark {
  if (value === null) return 'unknown'
  if (demand !== undefined && value > demand) return 'bad'
  return threshold ? levelOf(value, threshold) : 'good'
}

/** What is still to come after a start; undefined where there is something to judge, or where nothing can come. */
function waitingFor({ source, scrapes, figures, beginning }: Readings): Finding | undefined {
  if (source === 'backend' || !beginning || beginning.direct === 'silent') return undefined
  const { prometheus, backend, everUp } = beginning
  const young = (age: number | undefined) => age !== undefined && age <= STARTING_SECONDS
  const every = Math.max(0, ...scrapes.map((scrape) => scrape.every ?? 0))
  const wait = (why: string): Finding => ({
    level: 'info',
    what: `Just started: waiting for the first scrape that tells how it runs${every ? ` (one every ${seconds(every)})` : ''}`,
    cause: why,
  })
  if (scrapes.length === 0)
    return young(prometheus) ? wait('Prometheus has not taken up the backend as a target yet') : undefined
  if (scrapes.every((scrape) => scrape.age === undefined && !scrape.up))
    return wait('Prometheus has not scraped the backend yet')
  if (scrapes.every((scrape) => !scrape.up))
    return young(prometheus) && !everUp
      ? wait(`Prometheus came before the backend listened${scrapes[0]?.error ? `: ${scrapes[0].error}` : ''}`)
      : undefined
  return figures.modelReady === 0 && young(backend)
    ? wait('the model was still being loaded at the last scrape')
    : undefined
}

function ofScrapes({ source, scrapes, figures, beginning }: Readings): Finding[] {
  if (source === 'backend') return []
  const down = scrapes.filter((scrape) => !scrape.up && scrape.age !== undefined)
  const why = down[0]?.error
  if (scrapes.length === 0) {
    return [
      {
        level: 'bad',
        what: 'Prometheus scrapes no backend: nothing below is about this stack',
        mend: `See ${runbookOf('TargetMissing')}`,
      },
    ]
  }
  if (beginning?.direct === 'silent' && !scrapes.some((scrape) => scrape.up)) {
    return [
      {
        level: 'bad',
        what: 'The backend does not answer, neither Prometheus nor fnd itself',
        ...(why ? { cause: why } : {}),
        mend: `Run \`fnd status\` and \`fnd logs backend\`; see ${runbookOf('BackendDown')}`,
      },
    ]
  }
  if (down.length === scrapes.length) {
    return [
      {
        level: 'bad',
        what: `The backend does not answer (${down.length} of ${scrapes.length} instances down)`,
        ...(why ? { cause: why } : {}),
        mend: `Run \`fnd status\` and \`fnd logs backend\`; see ${runbookOf('BackendDown')}`,
      },
    ]
  }
  if (down.length) {
    return [
      {
        level: 'warning',
        what: `${down.length} of ${scrapes.length} backend instances do not answer: ${down.map((s) => s.instance).join(', ')}`,
        ...(why ? { cause: why } : {}),
        mend: `See ${runbookOf('TargetMissing')}`,
      },
    ]
  }
  const oldest = Math.max(...scrapes.map((scrape) => scrape.age ?? 0))
  const every = Math.max(0, ...scrapes.map((scrape) => scrape.every ?? 0))
  if (oldest > Math.max(STALE_SECONDS, STALE_SCRAPES * every)) {
    return [{ level: 'warning', what: `The last scrape is ${seconds(oldest)} old: what is shown is past` }]
  }
  return figures.cpu === null
    ? [
        {
          level: 'info',
          what: `No rates yet: Prometheus needs two scrapes (about ${seconds(2 * (every || 15))}) to tell`,
        },
      ]
    : []
}

function ofModel({ figures }: Readings): Finding[] {
  return figures.modelReady === 0
    ? [
        {
          level: 'bad',
          what: 'No model is ready: predictions are not answered',
          mend: `Run \`fnd logs backend\`; see ${runbookOf('ModelNotReady')}`,
        },
      ]
    : []
}

function ofAlerts({ alerts }: Readings): Finding[] {
  const level = { critical: 'bad', warning: 'warning', info: 'info' } as const
  const seen = new Set<string>()
  return [...alerts]
    .filter((alert) => alert.state === 'firing')
    .sort((a, b) => Object.keys(level).indexOf(a.severity) - Object.keys(level).indexOf(b.severity))
    .filter((alert) => !seen.has(alert.name) && seen.add(alert.name))
    .map((alert) => ({
      level: level[alert.severity],
      what: `Alert ${alert.name} (${alert.severity}): ${alert.summary}`,
      mend: `See ${alert.runbook || runbookOf(alert.name)}`,
    }))
}

function ofDemands(readings: Readings, demands: Demands): Finding[] {
  return Object.entries(demands).flatMap(([key, limit]): Finding[] => {
    const name = key as keyof Demands
    const value = readings.figures[name]
    const wanted = figureText(limit, unitOf(name))
    if (value === null) {
      return [
        {
          level: 'bad',
          what: `--slo ${name}=${wanted} cannot be shown to hold: no traffic (${readings.period})`,
          mend: 'Send some with `fnd load`, or choose a longer --window',
        },
      ]
    }
    if (value <= limit) return []
    return [
      {
        level: 'bad',
        what: `--slo ${name}=${wanted} is broken: ${figureText(value, unitOf(name))}`,
        ...(name === 'errors' ? {} : causeOfLatency(readings)),
      },
    ]
  })
}

function ofThresholds(
  readings: Readings,
  thresholds: Partial<Record<FigureName, Threshold>>,
  demands: Demands,
): Finding[] {
  return (Object.entries(thresholds) as [FigureName, Threshold][]).flatMap(([name, threshold]): Finding[] => {
    const value = readings.figures[name]
    if (value === null || name in demands) return []
    const level = levelOf(value, threshold)
    if (level === 'good') return []
    const panel = CATALOGUE[FIGURES[name].panel]
    const limit = level === 'bad' ? threshold.bad : threshold.warning
    return [
      {
        level,
        what: `${name === 'p95' ? 'p95 prediction latency' : panel.title} is ${figureText(value, panel.unit)}, above ${figureText(limit, panel.unit)}`,
        ...(name === 'p95' ? causeOfLatency(readings) : { mend: `See ${runbookOf(panel.runbook)}` }),
      },
    ]
  })
}

function ofTraffic({ figures, period, scrapes, source }: Readings): Finding[] {
  const quiet = !figures.rate && !figures.predictions
  const seen = source === 'backend' || (scrapes.some((scrape) => scrape.up) && figures.cpu !== null)
  return quiet && seen ? [{ level: 'info', what: `No traffic (${period})` }] : []
}

/** Why predictions are slow: waiting for a worker, or the work itself. */
export function causeOfLatency({
  stages,
  figures,
}: {
  stages: Readings['stages']
  figures: Pick<Readings['figures'], 'workersBusy' | 'throttling' | 'windows'>
}): Pick<Finding, 'cause' | 'mend'> {
  const total = Object.values(stages).reduce((sum, value) => sum + value, 0)
  const [slowest, time] = Object.entries(stages).sort(([, a], [, b]) => b - a)[0] ?? []
  if (!slowest || time === undefined || !total) return { mend: `See ${runbookOf('LatencyBudgetBurn')}` }
  const share = `${percent(time / total)} of a prediction’s time (${seconds(time)})`
  if (slowest === 'queue') {
    const busy = figures.workersBusy
    return {
      cause: `queue: ${share} is waiting for a worker${busy && busy > 0.8 ? `; the workers are busy ${percent(Math.min(1, busy))} of the time` : ''}`,
      mend: `Send less or give it more workers (setting backend.workers); see ${runbookOf('QueueSaturated')}`,
    }
  }
  if (slowest === 'other') {
    return {
      cause: `other: ${share} is outside of queue, tokenizing and inference: cleaning, language, or a wait for the HTTP thread`,
      mend: `See ${runbookOf('EventLoopBlocked')}`,
    }
  }
  const throttled = figures.throttling
  return {
    cause: `${slowest}: ${share}${throttled && throttled > 0.1 ? `; the CPU limit holds the process back ${percent(throttled)} of the time` : figures.windows && figures.windows > 2 ? `; texts are long, ${number(figures.windows)} windows each` : ''}`,
    mend: `Look at what else uses the CPU, and at the length of the texts; see ${runbookOf('LatencyBudgetBurn')}`,
  }
}

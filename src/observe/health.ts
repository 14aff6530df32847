// Is the service running well? Asks the catalogue's questions and judges the answers; knows neither terminal nor clock.

import { CATALOGUE, type PanelName } from './catalogue.ts'
import type { Expression } from './expression.ts'
import type { Beginning, HealthAlert, HealthSource, Scrape } from './health-source.ts'
import type { Sample } from './prometheus.ts'
import type { Unit } from './unit.ts'

interface FigureSpec {
  title: string
  panel: PanelName
  query: number
}

/** The single numbers of health: each is one query of the catalogue. */
export const FIGURES = {
  rate: { title: 'requests', panel: 'requestRate', query: 0 },
  errors: { title: '5xx errors', panel: 'errorRate', query: 0 },
  callerErrors: { title: '4xx refused', panel: 'callerErrorRate', query: 0 },
  predictions: { title: 'predictions', panel: 'predictionRate', query: 0 },
  p50: { title: 'p50', panel: 'predictionLatency', query: 0 },
  p95: { title: 'p95', panel: 'predictionLatency', query: 1 },
  p99: { title: 'p99', panel: 'predictionLatency', query: 2 },
  mean: { title: 'mean', panel: 'predictionMean', query: 0 },
  cpu: { title: 'CPU', panel: 'cpu', query: 0 },
  cpuLimit: { title: 'CPU limit', panel: 'cpu', query: 1 },
  throttling: { title: 'throttled', panel: 'throttling', query: 0 },
  memory: { title: 'memory', panel: 'memory', query: 0 },
  memoryLimit: { title: 'memory limit', panel: 'memory', query: 1 },
  memoryShare: { title: 'memory of limit', panel: 'memoryShare', query: 0 },
  queue: { title: 'queue', panel: 'queue', query: 0 },
  queueCapacity: { title: 'queue capacity', panel: 'queue', query: 1 },
  queueShare: { title: 'queue fill', panel: 'queueShare', query: 0 },
  workersBusy: { title: 'workers busy', panel: 'workersBusy', query: 0 },
  eventLoop: { title: 'event-loop lag', panel: 'eventLoop', query: 0 },
  modelReady: { title: 'models ready', panel: 'modelReady', query: 0 },
  windows: { title: 'windows per text', panel: 'windows', query: 0 },
} as const satisfies Record<string, FigureSpec>

export type FigureName = keyof typeof FIGURES
export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[]

/** The figures that are shown with a trend line. */
const TRENDS: readonly FigureName[] = [
  'rate',
  'errors',
  'callerErrors',
  'p50',
  'p95',
  'p99',
  'mean',
  'cpu',
  'memory',
  'queue',
  'workersBusy',
]

/** The figures of one instance. */
export const INSTANCE_FIGURES = ['rate', 'errors', 'p50', 'p95', 'p99', 'cpu', 'memory', 'queue'] as const
export type InstanceFigure = (typeof INSTANCE_FIGURES)[number]

export interface Instance {
  instance: string
  figures: Record<InstanceFigure, number | null>
  /** As those of all. */
  stages: Record<string, number>
}

/** Everything that was seen; null: there is no such value, e.g. a latency without traffic. */
export interface Readings {
  source: HealthSource['kind']
  /** Seconds. */
  window: number
  period: string
  figures: Record<FigureName, number | null>
  trends: Partial<Record<FigureName, (number | null)[]>>
  /** Mean seconds of each stage of a prediction; `other`: what its mean time holds besides. */
  stages: Record<string, number>
  /** Share of each verdict. */
  verdicts: Record<string, number>
  models: { name: string; version: string; instances: number }[]
  /** Versions beside those that serve. */
  canaries: { name: string; version: string; mode: 'canary' | 'shadow'; share: number }[]
  alerts: HealthAlert[]
  scrapes: Scrape[]
  beginning?: Beginning
  instances: Instance[]
}

const expressionOf = (name: FigureName): Expression => {
  const spec: FigureSpec = FIGURES[name]
  const query = CATALOGUE[spec.panel].queries[spec.query]
  if (!query) throw new RangeError(`the catalogue has no query ${spec.query} of ${spec.panel}`)
  return query.expression
}

/** The unit of a figure, as the catalogue says it. */
export function unitOf(name: FigureName): Unit {
  return CATALOGUE[FIGURES[name].panel].unit
}

/** Asks everything at once; `perInstance` also asks for the figures of each instance. */
export async function takeReadings(
  source: HealthSource,
  window: number,
  perInstance: boolean,
  signal: AbortSignal,
): Promise<Readings> {
  await source.refresh(signal)
  const split = async (panel: PanelName, label: string) => {
    const samples = await source.ask(CATALOGUE[panel].queries[0].expression, window, signal)
    return Object.fromEntries(
      samples
        .filter((sample) => Number.isFinite(sample.value))
        .map((sample) => [sample.labels[label] ?? '', sample.value]),
    )
  }
  const [figures, trends, stages, verdicts, models, canaries, alerts, scrapes, beginning, instances] =
    await Promise.all([
      record(FIGURE_NAMES, async (name) => {
        const [sample] = await source.ask(expressionOf(name), window, signal)
        return sample && Number.isFinite(sample.value) ? sample.value : null
      }),
      record(TRENDS, (name) => source.trend(expressionOf(name), window, signal)),
      split('predictionStages', 'stage'),
      split('verdictMix', 'label'),
      source.ask(CATALOGUE.modelVersion.queries[0].expression, window, signal),
      source.ask(CATALOGUE.canaryShare.queries[0].expression, window, signal),
      source.alerts(signal),
      source.scrapes(signal),
      source.beginning(signal),
      perInstance ? readInstances(source, window, signal) : [],
    ])
  return {
    source: source.kind,
    window,
    period: source.period(window),
    figures,
    trends,
    stages: withOther(stages, figures.mean),
    verdicts,
    models: models.map(({ labels, value }) => ({
      name: labels.name ?? '',
      version: labels.version ?? '',
      instances: value,
    })),
    canaries: canaries.map(({ labels, value }) => ({
      name: labels.name ?? '',
      version: labels.version ?? '',
      mode: labels.mode === 'shadow' ? 'shadow' : 'canary',
      share: value,
    })),
    alerts,
    scrapes,
    ...(beginning ? { beginning } : {}),
    instances,
  }
}

/** Cleaning and language detection belong to no stage, and neither does a wait for the thread that does them. */
function withOther(stages: Record<string, number>, mean: number | null): Record<string, number> {
  const other = (mean ?? 0) - Object.values(stages).reduce((sum, value) => sum + value, 0)
  // Below a thousandth it is the noise of two questions.
  return mean !== null && other > mean / 1000 ? { ...stages, other } : stages
}

async function readInstances(source: HealthSource, window: number, signal: AbortSignal): Promise<Instance[]> {
  const perInstance = (expression: Expression) => source.ask(expression, window, signal, ['instance', 'pod'])
  const [answers, stages, means] = await Promise.all([
    record(INSTANCE_FIGURES, (name) => perInstance(expressionOf(name))),
    perInstance(CATALOGUE.predictionStages.queries[0].expression),
    perInstance(expressionOf('mean')),
  ])
  const nameOf = (labels: Record<string, string>) => labels.pod || labels.instance || 'backend'
  const names = new Set(Object.values(answers).flatMap((list) => list.map((sample) => nameOf(sample.labels))))
  return [...names].sort().map((instance) => {
    const own = (samples: readonly Sample[]) =>
      samples.filter(({ labels, value }) => nameOf(labels) === instance && Number.isFinite(value))
    return {
      instance,
      figures: mapRecord(INSTANCE_FIGURES, (name) => own(answers[name])[0]?.value ?? null),
      stages: withOther(
        Object.fromEntries(own(stages).map(({ labels, value }) => [labels.stage ?? '', value])),
        own(means)[0]?.value ?? null,
      ),
    }
  })
}

function mapRecord<K extends string, V>(keys: readonly K[], of: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<K, V>
}

async function record<K extends string, V>(
  keys: readonly K[],
  of: (key: K) => Promise<V>,
): Promise<Record<K, V>> {
  const entries = await Promise.all(keys.map(async (key) => [key, await of(key)] as const))
  return Object.fromEntries(entries) as Record<K, V>
}

// Everything the backend exposes on /metrics. The only file that knows prom-client, whose successor wants Node.js 22.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type CgroupLimits, limitsReader } from '../cgroup.ts'
import type { DetectorEvents, Label, Prediction, TextEvents } from '../detector/detector.ts'
import { isFndError } from '../errors/error.ts'
import { Histogram } from './histogram.ts'
import {
  CONFIDENCE_BUCKETS,
  DIFFERENCE_BUCKETS,
  LATENCY_BUCKETS,
  METRIC,
  OPERATIONAL_ROUTES,
  PROCESS_METRIC,
  TOKEN_BUCKETS,
} from './metric-names.ts'
import type { Canary, ModelHost } from './model-host.ts'

const LABELS: readonly Label[] = ['Fake', 'Real', 'Uncertain']
const REJECTIONS = ['queue_full', 'deadline', 'draining', 'invalid'] as const
const STAGES = ['tokenize', 'queue', 'inference'] as const
const WINDOW_BUCKETS = [1, 2, 3, 4, 6, 8, 12, 16]

/** A version's part: it answers, it answers a share, or it reads beside and its answers are only counted. */
export type Role = 'serving' | Canary['mode']
const ROLES: readonly Role[] = ['serving', 'canary', 'shadow']

/** What a version can be to blame for. */
const MODEL_FAULTS = ['failed', 'queue_full', 'deadline'] as const
export type ModelFault = (typeof MODEL_FAULTS)[number]

/** What became of a text that the shadow was offered. */
const SHADOW_OUTCOMES = ['agreed', 'disagreed', 'dropped', 'failed'] as const
export type ShadowOutcome = (typeof SHADOW_OUTCOMES)[number]

/** Versions that have series: the serving one, the canary, and the one that was before. */
const VERSIONS_COUNTED = 3

/** Methods that become label values; every other one is counted as `other`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The route label of requests to addresses that are not served. */
export const UNKNOWN_ROUTE = 'unknown'

/** Status of a request whose client left before the answer, as nginx counts it. */
export const CLIENT_LEFT = 499

/** Why a model could not be loaded. */
type LoadFailure = 'missing' | 'corrupt' | 'unusable' | 'self_test' | 'untrusted' | 'registry' | 'other'
const LOAD_FAILURES: readonly LoadFailure[] = [
  'missing',
  'corrupt',
  'unusable',
  'self_test',
  'untrusted',
  'registry',
  'other',
]

/** Which of them an error is. */
export function failureOf(error: unknown): LoadFailure {
  if (!isFndError(error)) return 'other'
  if (error.code === 'FND_MODEL_MISSING') return 'missing'
  if (error.code === 'FND_MODEL_CORRUPT') return 'corrupt'
  if (error.code === 'FND_MODEL_UNUSABLE') return 'unusable'
  if (error.code === 'FND_MODEL_SELF_TEST') return 'self_test'
  if (error.code === 'FND_MODEL_UNTRUSTED') return 'untrusted'
  return /^FND_(REGISTRY|VERSION|ALIAS)_/.test(error.code) ? 'registry' : 'other'
}

export interface ServiceMetrics {
  readonly contentType: string
  /** The exposition of all metrics, as Prometheus reads it. */
  text(): Promise<string>
  /** Counts from what the detector tells. */
  readonly detectorEvents: Required<DetectorEvents>
  /** Starts the series of a route at 0, so that rates and shares work from the first scrape. */
  expectRequests(method: string, route: string, statuses: readonly number[]): void
  /** Counts one answered request. `route` is the route's pattern or UNKNOWN_ROUTE. */
  observeRequest(method: string, route: string, status: number, seconds: number): void
  /** Counts what becomes of texts that a version is handed; those of a shadow count for that version alone. */
  eventsOf(role: Role): Required<TextEvents>
  versionFailed(version: string, role: Role, fault: ModelFault): void
  /** Counts a text that the shadow was offered; `difference` is the distance of the two probabilities of fake. */
  shadowed(version: string, outcome: ShadowOutcome, difference?: number): void
  /** The canary that is wanted and cannot be taken; undefined: none. */
  canaryRefused(refusal: { version: string; reason: LoadFailure } | undefined): void
  /** Counts a prediction that was turned away before it reached the detector. */
  refused(): void
  modelLoadFailed(reason: LoadFailure): void
}

/** Makes the metrics of one service, in a registry of their own. */
export function createMetrics(
  build: { version: string; commit: string },
  model: Pick<ModelHost, 'detector' | 'ready' | 'canary'>,
): ServiceMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectProcessMetrics(registry)

  const requestLabels = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: METRIC.httpRequests,
    help: 'HTTP requests answered.',
    labelNames: requestLabels,
    registers,
  })
  const requestDuration = new Histogram({
    name: METRIC.httpDuration,
    help: 'Seconds from the arrival of an HTTP request to the end of its answer.',
    labelNames: requestLabels,
    buckets: LATENCY_BUCKETS,
  })
  const latency = new Histogram({
    name: METRIC.predictionLatency,
    help: 'Seconds of one prediction, from cleaning to verdict, queue included.',
    buckets: LATENCY_BUCKETS,
  })
  const stage = new Histogram({
    name: METRIC.predictionStage,
    help: 'Seconds of one prediction by stage.',
    labelNames: ['stage'] as const,
    buckets: LATENCY_BUCKETS,
  })
  const predictions = new Counter({
    name: METRIC.predictions,
    help: 'Predictions by verdict.',
    labelNames: ['label'] as const,
    registers,
  })
  const confidence = new Histogram({
    name: METRIC.predictionConfidence,
    help: 'Calibrated confidence of predictions by verdict.',
    labelNames: ['label'] as const,
    buckets: CONFIDENCE_BUCKETS,
  })
  const tokens = new Histogram({
    name: METRIC.predictionTokens,
    help: 'Tokens of the judged texts.',
    buckets: TOKEN_BUCKETS,
  })
  const windows = new Histogram({
    name: METRIC.predictionWindows,
    help: 'Windows that the judged texts were read in.',
    buckets: WINDOW_BUCKETS,
  })
  const rejected = new Counter({
    name: METRIC.rejected,
    help: 'Predictions that were refused, by reason.',
    labelNames: ['reason'] as const,
    registers,
  })
  const restarts = new Counter({
    name: METRIC.workerRestarts,
    help: 'Inference workers that died and were replaced.',
    registers,
  })
  const loadFailures = new Counter({
    name: METRIC.modelLoadFailures,
    help: 'Models that could not be loaded, by reason.',
    labelNames: ['reason'] as const,
    registers,
  })

  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (this: Gauge<L>) => void,
  ) => new Gauge({ name, help, labelNames, registers, collect })
  const load = () => model.detector?.load()
  gauge(METRIC.queueDepth, 'Texts that wait for a worker.', [], function () {
    this.set(load()?.queueDepth ?? 0)
  })
  gauge(METRIC.queueCapacity, 'Texts that may wait for a worker.', [], function () {
    this.set(load()?.queueCapacity ?? 0)
  })
  gauge(METRIC.workers, 'Inference workers by state.', ['state'], function () {
    const { ready, busy, starting } = load()?.workers ?? { ready: 0, busy: 0, starting: 0 }
    this.set({ state: 'ready' }, ready)
    this.set({ state: 'busy' }, busy)
    this.set({ state: 'starting' }, starting)
  })
  gauge(METRIC.modelInfo, 'The model that answers; always 1.', ['name', 'version', 'sha256'], function () {
    this.reset()
    const identity = model.detector?.model
    if (identity) this.set({ ...identity, sha256: identity.sha256.slice(0, 12) }, 1)
  })
  gauge(METRIC.modelReady, '1 when the model is loaded, verified and warmed.', [], function () {
    this.set(model.ready ? 1 : 0)
  })
  gauge(METRIC.modelLoadSeconds, 'Seconds that loading, verifying and warming took.', [], function () {
    this.set(model.detector?.loadSeconds ?? 0)
  })
  gauge(METRIC.buildInfo, 'The running fnd; always 1.', ['version', 'commit'], function () {
    this.set(build, 1)
  })

  const readLimits = limitsReader()
  let limits: CgroupLimits = {}
  const limit = (name: string, help: string, of: keyof CgroupLimits, type: typeof Gauge | typeof Counter) =>
    new type({
      name,
      help,
      // The label-less series would begin at 0: an absent limit must be absent.
      labelNames: [],
      registers,
      collect() {
        this.reset()
        const value = limits[of]
        if (value !== undefined) this.inc(value)
        else this.remove()
      },
    })
  limit(
    PROCESS_METRIC.memoryLimit,
    'Bytes of memory that the process may use; absent without a limit.',
    'memory',
    Gauge,
  )
  limit(PROCESS_METRIC.cpuLimit, 'Cores that the process may use; absent without a limit.', 'cores', Gauge)
  limit(
    PROCESS_METRIC.cpuThrottled,
    'Seconds that the CPU limit has held the process back.',
    'throttled',
    Counter,
  )

  const versions = countVersions(registry, model)
  const histograms = [
    requestDuration,
    latency,
    stage,
    confidence,
    tokens,
    windows,
    ...referenceMetrics(registry, model),
    ...versions.histograms,
  ]

  for (const label of LABELS) {
    predictions.inc({ label }, 0)
    confidence.zero({ label })
  }
  for (const reason of REJECTIONS) rejected.inc({ reason }, 0)
  for (const name of STAGES) stage.zero({ stage: name })
  for (const reason of LOAD_FAILURES) loadFailures.inc({ reason }, 0)

  const given = (role: Role): Required<TextEvents> => ({
    predicted: (prediction, stages) => {
      latency.observe({}, prediction.latencyMs / 1000)
      for (const name of STAGES) stage.observe({ stage: name }, stages[name])
      predictions.inc({ label: prediction.label })
      confidence.observe({ label: prediction.label }, prediction.confidence)
      tokens.observe({}, prediction.tokens)
      windows.observe({}, prediction.windows)
      versions.predicted(role, prediction)
    },
    // What the canary has no room for the serving version answers: nobody was turned away.
    rejected: (reason) => {
      if (role === 'serving' || reason === 'deadline' || reason === 'invalid') rejected.inc({ reason })
    },
  })
  const events: Record<Role, Required<TextEvents>> = {
    serving: given('serving'),
    canary: given('canary'),
    shadow: { predicted: (prediction) => versions.predicted('shadow', prediction), rejected: () => {} },
  }

  return {
    contentType: registry.contentType,
    text: async () => {
      limits = readLimits()
      versions.look()
      return [await registry.metrics(), ...histograms.map((histogram) => histogram.text())].join('\n')
    },
    detectorEvents: { ...events.serving, workerRestarted: () => restarts.inc() },
    eventsOf: (role) => events[role],
    versionFailed: versions.failed,
    shadowed: versions.shadowed,
    canaryRefused: versions.refused,
    expectRequests: (method, route, statuses) => {
      for (const status of statuses) requests.inc({ method, route, status }, 0)
      if (statuses.includes(200) && !isOperational(route))
        requestDuration.zero({ method, route, status: '200' })
    },
    observeRequest: (method, route, status, seconds) => {
      const labels = { method: METHODS.has(method) ? method : 'other', route, status: String(status) }
      requests.inc(labels)
      // Nobody asks how long a probe took: a scrape would carry a fourth more lines for it.
      if (!isOperational(route)) requestDuration.observe(labels, seconds)
    },
    refused: () => rejected.inc({ reason: 'draining' }),
    modelLoadFailed: (reason) => loadFailures.inc({ reason }),
  }
}

/**
 * What each version did. Series begin at 0 when a version is loaded, and go when three others came after it: a service
 * that runs for a year has as many as on its first day.
 */
function countVersions(registry: Registry, model: Pick<ModelHost, 'detector' | 'canary'>) {
  const registers = [registry]
  const part = ['version', 'role'] as const
  const predictions = new Counter({
    name: METRIC.versionPredictions,
    help: 'Predictions by version of the model, its part and the verdict.',
    labelNames: [...part, 'label'] as const,
    registers,
  })
  const latency = new Histogram({
    name: METRIC.versionLatency,
    help: 'Seconds of one prediction by version of the model and its part, queue included.',
    labelNames: part,
    buckets: LATENCY_BUCKETS,
  })
  const confidence = new Histogram({
    name: METRIC.versionConfidence,
    help: 'Calibrated confidence by version of the model and its part.',
    labelNames: part,
    buckets: CONFIDENCE_BUCKETS,
  })
  const errors = new Counter({
    name: METRIC.versionErrors,
    help: 'Texts that a version failed on or had no time for, by its part and the reason.',
    labelNames: [...part, 'reason'] as const,
    registers,
  })
  const shadowTexts = new Counter({
    name: METRIC.shadowTexts,
    help: 'Texts that a shadow was offered, by what became of them.',
    labelNames: ['version', 'outcome'] as const,
    registers,
  })
  const difference = new Histogram({
    name: METRIC.shadowDifference,
    help: 'Distance of the probability of fake of a shadow from that of the serving version, on the same text.',
    labelNames: ['version'] as const,
    buckets: DIFFERENCE_BUCKETS,
  })
  new Gauge({
    name: METRIC.canaryShare,
    help: 'The version beside the serving one: the share of texts that it answers, 0 for a shadow.',
    labelNames: ['name', 'version', 'sha256', 'mode'] as const,
    registers,
    collect() {
      this.reset()
      const { canary } = model
      if (!canary) return
      const { name, version, sha256 } = canary.detector.model
      this.set({ name, version, sha256: sha256.slice(0, 12), mode: canary.mode }, canary.share)
    },
  })
  let refusal: Parameters<ServiceMetrics['canaryRefused']>[0]
  new Gauge({
    name: METRIC.canaryRefused,
    help: 'The canary that is wanted and was refused; always 1.',
    labelNames: ['version', 'reason'] as const,
    registers,
    collect() {
      this.reset()
      if (refusal) this.set(refusal, 1)
    },
  })

  /** The parts in which each version is counted; the version seen last stands last. */
  const counted = new Map<string, Set<Role>>()

  function see(version: string, role: Role): void {
    const roles = counted.get(version) ?? new Set<Role>()
    counted.delete(version)
    counted.set(version, roles)
    if (!roles.has(role)) {
      roles.add(role)
      for (const label of LABELS) predictions.inc({ version, role, label }, 0)
      for (const reason of MODEL_FAULTS) errors.inc({ version, role, reason }, 0)
      latency.zero({ version, role })
      confidence.zero({ version, role })
      if (role === 'shadow') {
        for (const outcome of SHADOW_OUTCOMES) shadowTexts.inc({ version, outcome }, 0)
        difference.zero({ version })
      }
    }
    const [oldest] = counted.keys()
    if (counted.size > VERSIONS_COUNTED && oldest !== undefined) forget(oldest)
  }

  function forget(version: string): void {
    counted.delete(version)
    for (const role of ROLES) {
      for (const label of LABELS) predictions.remove({ version, role, label })
      for (const reason of MODEL_FAULTS) errors.remove({ version, role, reason })
      latency.remove({ version, role })
      confidence.remove({ version, role })
    }
    for (const outcome of SHADOW_OUTCOMES) shadowTexts.remove({ version, outcome })
    difference.remove({ version })
  }

  return {
    histograms: [latency, confidence, difference],
    /** Sees to it that what is loaded now has series. */
    look(): void {
      const { detector, canary } = model
      if (canary) see(canary.detector.model.version, canary.mode)
      if (detector) see(detector.model.version, 'serving')
    },
    predicted(role: Role, prediction: Prediction): void {
      const { version } = prediction.model
      see(version, role)
      predictions.inc({ version, role, label: prediction.label })
      latency.observe({ version, role }, prediction.latencyMs / 1000)
      confidence.observe({ version, role }, prediction.confidence)
    },
    failed(version: string, role: Role, reason: ModelFault): void {
      see(version, role)
      errors.inc({ version, role, reason })
    },
    shadowed(version: string, outcome: ShadowOutcome, distance?: number): void {
      see(version, 'shadow')
      shadowTexts.inc({ version, outcome })
      if (distance !== undefined) difference.observe({ version }, distance)
    },
    refused(wanted: typeof refusal): void {
      refusal = wanted
    },
  }
}

/**
 * What the bundle answered on its reference texts, beside what it answers now. A reference whose edges are not those of
 * the histograms in service cannot be compared with them and is left out.
 */
function referenceMetrics(registry: Registry, model: Pick<ModelHost, 'detector'>): Histogram<'reference'>[] {
  const reference = () => model.detector?.reference
  new Gauge({
    name: METRIC.referenceLabels,
    help: 'Share of each verdict among the answers to the reference texts of the bundle.',
    labelNames: ['label'] as const,
    registers: [registry],
    collect() {
      this.reset()
      const labels = reference()?.labels ?? {}
      for (const label of LABELS) if (labels[label] !== undefined) this.set({ label }, labels[label])
    },
  })
  const histogram = (name: string, help: string, edges: readonly number[], of: 'confidence' | 'tokens') => {
    let shown: object | undefined
    return new Histogram({
      name,
      help,
      // The label-less series would begin at 0: an absent reference must be absent.
      labelNames: ['reference'] as const,
      buckets: edges,
      collect() {
        const stated = reference()?.[of]
        if (stated === shown) return
        shown = stated
        this.reset()
        if (stated?.edges.join() !== edges.join()) return
        stated.counts.forEach((count, at) => {
          this.observe({ reference: 'bundle' }, edges[at] ?? Number.MAX_SAFE_INTEGER, count)
        })
      },
    })
  }
  return [
    histogram(
      METRIC.referenceConfidence,
      'Confidence of the answers to the reference texts of the bundle.',
      CONFIDENCE_BUCKETS,
      'confidence',
    ),
    histogram(
      METRIC.referenceTokens,
      'Tokens of the reference texts of the bundle.',
      TOKEN_BUCKETS,
      'tokens',
    ),
  ]
}

function isOperational(route: string): boolean {
  return OPERATIONAL_ROUTES.some((start) => route.startsWith(start))
}

/** What prom-client would also count: nobody asks for it, and listing handles and heap spaces makes a scrape slow. */
const NOT_ASKED_FOR = /^nodejs_(active_|heap_space_)/

/** Milliseconds between two looks at the event loop. */
const LAG_RESOLUTION = 10

/** prom-client's own metrics of the process, with its start and the event-loop lag put right. */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) {
    if (NOT_ASKED_FOR.test(name) || name.startsWith('nodejs_eventloop_lag')) registry.removeSingleMetric(name)
  }
  registry.removeSingleMetric(PROCESS_METRIC.startTime)
  // With its fraction, as other clients give it: prom-client's whole seconds are the same for replicas that start together.
  new Gauge({
    name: PROCESS_METRIC.startTime,
    help: 'Start time of the process since unix epoch in seconds.',
    registers: [registry],
  }).set(performance.timeOrigin / 1000)
  // Node's histogram holds the time from one look to the next: an idle loop has the resolution there, not 0.
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION })
  delays.enable()
  const registers = [registry]
  const lag = (name: string, help: string, read: () => number, after?: () => void) =>
    new Gauge({
      name: `nodejs_eventloop_lag_${name}_seconds`,
      help: `${help} since the last scrape.`,
      registers,
      collect() {
        this.set(delays.count === 0 ? 0 : Math.max(0, read() / 1e9 - LAG_RESOLUTION / 1000))
        after?.()
      },
    })
  for (const p of [50, 90, 99])
    lag(`p${p}`, `Delay of the event loop, percentile ${p}`, () => delays.percentile(p))
  lag('mean', 'Mean delay of the event loop', () => delays.mean)
  lag(
    'max',
    'Longest delay of the event loop',
    () => delays.max,
    () => delays.reset(),
  )
}

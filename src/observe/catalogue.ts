// The catalogue of panels: what an operator wants to see, said once. Dashboards, health, report and docs come from here.

import { METRIC, PROCESS_METRIC } from '../service/metric-names.ts'
import type { Expression, Metric } from './expression.ts'
import type { Panel, Query } from './panel.ts'
import { CLIENT_ERRORS, SERVER_ERRORS, TRAFFIC } from './traffic.ts'

const perMinute = (of: Expression): Expression => ({ kind: 'times', factor: 60, of })
const requests = { metric: METRIC.httpRequests, where: TRAFFIC } as const

/** The quantiles that operators compare, of one histogram. */
const quantiles = (histogram: Metric, where: typeof TRAFFIC = []): [Query, ...Query[]] => [
  { legend: 'p50', expression: { kind: 'quantile', q: 0.5, histogram, where } },
  { legend: 'p95', expression: { kind: 'quantile', q: 0.95, histogram, where } },
  { legend: 'p99', expression: { kind: 'quantile', q: 0.99, histogram, where } },
]

const one = (legend: string, expression: Expression, range?: string): [Query] => [
  { legend, expression, ...(range ? { range } : {}) },
]

export const CATALOGUE = {
  // ── Traffic ────────────────────────────────────────────────────────────────
  requestRate: {
    id: 'request-rate',
    title: 'Request rate',
    group: 'Traffic',
    description: 'Requests of users per minute; probes and scrapes left out.',
    unit: 'reqpm',
    view: 'lines',
    queries: one('requests', perMinute({ kind: 'rate', ...requests })),
    runbook: 'NoTraffic',
  },
  requestsByRoute: {
    id: 'requests-by-route',
    title: 'Requests by route and status',
    group: 'Traffic',
    description: 'Requests per minute of each route, by status.',
    unit: 'reqpm',
    view: 'stacked',
    queries: one('{{route}} {{status}}', perMinute({ kind: 'rate', ...requests, by: ['route', 'status'] })),
  },
  errorRate: {
    id: 'error-rate',
    title: 'Error rate',
    group: 'Traffic',
    description: 'Share of requests that ended in 5xx: a defect or overload, never the caller.',
    unit: 'percentunit',
    view: 'lines',
    queries: one('5xx', { kind: 'share', ...requests, part: SERVER_ERRORS }),
    threshold: { when: 'above', warning: 0.005, bad: 0.01 },
    runbook: 'ErrorBudgetBurn',
  },
  callerErrorRate: {
    id: 'caller-error-rate',
    title: 'Refused requests',
    group: 'Traffic',
    description: 'Share of requests that ended in 4xx: the caller sent something that cannot be taken.',
    unit: 'percentunit',
    view: 'lines',
    queries: one('4xx', { kind: 'share', ...requests, part: CLIENT_ERRORS }),
  },
  httpDuration: {
    id: 'http-duration',
    title: 'Request duration',
    group: 'Traffic',
    description: 'Time from the request to the last byte of its answer, all routes of users.',
    unit: 's',
    view: 'lines',
    queries: quantiles(METRIC.httpDuration, TRAFFIC),
    runbook: 'LatencyBudgetBurn',
  },

  // ── Prediction ─────────────────────────────────────────────────────────────
  predictionLatency: {
    id: 'prediction-latency',
    title: 'AI prediction latency',
    group: 'Prediction',
    description: 'One prediction from cleaning to verdict, its time in the queue included.',
    unit: 's',
    view: 'lines',
    queries: quantiles(METRIC.predictionLatency),
    threshold: { when: 'above', warning: 0.5, bad: 1 },
    runbook: 'LatencyBudgetBurn',
  },
  predictionMean: {
    id: 'prediction-mean',
    title: 'Mean AI prediction latency, last hour',
    group: 'Prediction',
    description: 'Mean time of one prediction over the last hour, whatever range is shown.',
    unit: 's',
    view: 'number',
    queries: one('mean', { kind: 'mean', histogram: METRIC.predictionLatency }, '1h'),
    threshold: { when: 'above', warning: 0.5, bad: 1 },
    runbook: 'LatencyBudgetBurn',
  },
  predictionStages: {
    id: 'prediction-stages',
    title: 'Where a prediction spends its time',
    group: 'Prediction',
    description: 'Mean time in each stage. A long queue asks for workers; long inference for CPU.',
    unit: 's',
    view: 'stacked',
    queries: one('{{stage}}', { kind: 'mean', histogram: METRIC.predictionStage, by: ['stage'] }),
    runbook: 'LatencyBudgetBurn',
  },
  predictionHeatmap: {
    id: 'prediction-heatmap',
    title: 'Distribution of prediction latency',
    group: 'Prediction',
    description: 'Predictions per second in each bucket of latency: two bands mean two kinds of work.',
    unit: 's',
    view: 'heatmap',
    queries: one('{{le}}', { kind: 'buckets', histogram: METRIC.predictionLatency }),
  },

  // ── Saturation ─────────────────────────────────────────────────────────────
  cpu: {
    id: 'cpu',
    title: 'CPU of the model process',
    group: 'Saturation',
    description: 'Cores in use, and the limit where one is set.',
    unit: 'cores',
    view: 'lines',
    queries: [
      { legend: 'used', expression: { kind: 'rate', metric: PROCESS_METRIC.cpu } },
      { legend: 'limit', expression: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.cpuLimit } },
    ],
    runbook: 'CpuThrottled',
  },
  memory: {
    id: 'memory',
    title: 'Memory of the model process',
    group: 'Saturation',
    description: 'Resident memory, and the limit where one is set.',
    unit: 'bytes',
    view: 'lines',
    queries: [
      { legend: 'resident', expression: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.memory } },
      { legend: 'limit', expression: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.memoryLimit } },
      {
        legend: 'JavaScript heap',
        expression: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.heapUsed },
      },
    ],
    runbook: 'MemoryNearLimit',
  },
  memoryShare: {
    id: 'memory-share',
    title: 'Memory used of the limit',
    group: 'Saturation',
    description: 'Resident memory as a share of the limit; empty where no limit is set.',
    unit: 'percentunit',
    view: 'number',
    queries: one('used', {
      kind: 'ratio',
      of: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.memory },
      to: { kind: 'gauge', fold: 'sum', metric: PROCESS_METRIC.memoryLimit },
    }),
    threshold: { when: 'above', warning: 0.8, bad: 0.95 },
    runbook: 'MemoryNearLimit',
  },
  throttling: {
    id: 'throttling',
    title: 'CPU throttling',
    group: 'Saturation',
    description: 'Share of the time in which the CPU limit held the process back; empty without a limit.',
    unit: 'percentunit',
    view: 'lines',
    queries: one('throttled', { kind: 'rate', metric: PROCESS_METRIC.cpuThrottled }),
    threshold: { when: 'above', warning: 0.1, bad: 0.5 },
    runbook: 'CpuThrottled',
  },
  queue: {
    id: 'queue',
    title: 'Queue',
    group: 'Saturation',
    description: 'Predictions that wait for a worker, and how many may.',
    unit: 'short',
    view: 'lines',
    queries: [
      { legend: 'waiting', expression: { kind: 'gauge', fold: 'sum', metric: METRIC.queueDepth } },
      { legend: 'capacity', expression: { kind: 'gauge', fold: 'sum', metric: METRIC.queueCapacity } },
    ],
    runbook: 'QueueSaturated',
  },
  queueShare: {
    id: 'queue-share',
    title: 'Queue fill',
    group: 'Saturation',
    description: 'How full the queue is; beyond it, requests are refused with 503.',
    unit: 'percentunit',
    view: 'number',
    queries: one('filled', {
      kind: 'ratio',
      of: { kind: 'gauge', fold: 'sum', metric: METRIC.queueDepth },
      to: { kind: 'gauge', fold: 'sum', metric: METRIC.queueCapacity },
    }),
    threshold: { when: 'above', warning: 0.5, bad: 0.9 },
    runbook: 'QueueSaturated',
  },
  rejected: {
    id: 'rejected',
    title: 'Refused predictions',
    group: 'Saturation',
    description:
      'Predictions refused per minute, by reason: full queue, missed deadline, stopping, bad text.',
    unit: 'reqpm',
    view: 'stacked',
    queries: one('{{reason}}', perMinute({ kind: 'rate', metric: METRIC.rejected, by: ['reason'] })),
    runbook: 'RejectingPredictions',
  },
  workersBusy: {
    id: 'workers-busy',
    title: 'Workers busy',
    group: 'Saturation',
    description: 'Share of the workers’ time spent on inference; near 100 % the queue grows.',
    unit: 'percentunit',
    view: 'lines',
    queries: one('busy', {
      kind: 'ratio',
      of: {
        kind: 'work',
        histogram: METRIC.predictionStage,
        where: [{ label: 'stage', op: '=', value: 'inference' }],
      },
      to: { kind: 'gauge', fold: 'sum', metric: METRIC.workers },
    }),
    runbook: 'QueueSaturated',
  },
  eventLoop: {
    id: 'event-loop',
    title: 'Event-loop lag p99',
    group: 'Saturation',
    description: 'How long the HTTP thread was held up; inference runs elsewhere, so this stays low.',
    unit: 's',
    view: 'lines',
    queries: one('p99', { kind: 'gauge', fold: 'max', metric: PROCESS_METRIC.eventLoopP99 }),
    threshold: { when: 'above', warning: 0.1, bad: 0.5 },
    runbook: 'EventLoopBlocked',
  },
  gc: {
    id: 'gc',
    title: 'Garbage collection',
    group: 'Saturation',
    description: 'Share of the time spent collecting garbage, by kind.',
    unit: 'percentunit',
    view: 'stacked',
    queries: one('{{kind}}', { kind: 'work', histogram: PROCESS_METRIC.gc, by: ['kind'] }),
  },

  // ── Model ──────────────────────────────────────────────────────────────────
  modelVersion: {
    id: 'model-version',
    title: 'Model in service',
    group: 'Model',
    description: 'Which model version answers, and on how many instances.',
    unit: 'short',
    view: 'table',
    queries: one('{{name}} {{version}}', {
      kind: 'gauge',
      fold: 'sum',
      metric: METRIC.modelInfo,
      by: ['name', 'version', 'sha256'],
    }),
    runbook: 'ModelVersionSkew',
  },
  modelReady: {
    id: 'model-ready',
    title: 'Model ready',
    group: 'Model',
    description: 'Instances whose model is loaded, verified and warmed.',
    unit: 'short',
    view: 'number',
    queries: one('ready', { kind: 'gauge', fold: 'sum', metric: METRIC.modelReady }),
    threshold: { when: 'below', warning: 1, bad: 1 },
    runbook: 'ModelNotReady',
  },
  verdictMix: {
    id: 'verdict-mix',
    title: 'Verdicts',
    group: 'Model',
    description: 'Share of each verdict. A sudden shift means other texts or another model.',
    unit: 'percentunit',
    view: 'stacked',
    queries: one('{{label}}', { kind: 'mix', metric: METRIC.predictions, by: ['label'] }),
    runbook: 'VerdictMixShifted',
  },
  predictionRate: {
    id: 'prediction-rate',
    title: 'Predictions',
    group: 'Model',
    description: 'Predictions answered per minute; a batch request counts as many as it held.',
    unit: 'reqpm',
    view: 'lines',
    queries: one('predictions', perMinute({ kind: 'rate', metric: METRIC.predictions })),
  },
  confidence: {
    id: 'confidence',
    title: 'Mean confidence',
    group: 'Model',
    description: 'Mean calibrated confidence by verdict.',
    unit: 'percentunit',
    view: 'lines',
    queries: [
      {
        legend: '{{label}}',
        expression: { kind: 'mean', histogram: METRIC.predictionConfidence, by: ['label'] },
      },
      { legend: 'all', expression: { kind: 'mean', histogram: METRIC.predictionConfidence } },
    ],
    runbook: 'ConfidenceCollapsed',
  },
  confidenceHeatmap: {
    id: 'confidence-heatmap',
    title: 'Distribution of confidence',
    group: 'Model',
    description: 'Predictions per second in each bucket of confidence.',
    unit: 'percentunit',
    view: 'heatmap',
    queries: one('{{le}}', { kind: 'buckets', histogram: METRIC.predictionConfidence }),
  },
  tokens: {
    id: 'tokens',
    title: 'Length of the texts',
    group: 'Model',
    description: 'Tokens of a text: longer texts take more windows and more time.',
    unit: 'short',
    view: 'lines',
    queries: quantiles(METRIC.predictionTokens),
  },
  windows: {
    id: 'windows',
    title: 'Windows per text',
    group: 'Model',
    description: 'Mean number of windows that a text was read in; cost grows with it.',
    unit: 'short',
    view: 'lines',
    queries: one('mean', { kind: 'mean', histogram: METRIC.predictionWindows }),
  },

  verdictDrift: {
    id: 'verdict-drift',
    title: 'Drift of the verdicts',
    group: 'Model',
    description:
      'Population stability index of the last hour’s verdicts against those that the bundle states for its reference texts; above 0.25 they are others (Siddiqi, 2006).',
    unit: 'short',
    view: 'lines',
    queries: one(
      'verdicts',
      {
        kind: 'stability',
        metric: METRIC.predictions,
        by: ['label'],
        reference: METRIC.referenceLabels,
      },
      '1h',
    ),
    threshold: { when: 'above', warning: 0.1, bad: 0.25 },
    runbook: 'VerdictMixShifted',
  },
  distributionDrift: {
    id: 'distribution-drift',
    title: 'Drift of confidence and length',
    group: 'Model',
    description:
      'Largest distance between the cumulated shares of the last hour and those of the bundle’s reference texts (Kolmogorov–Smirnov): 0 the same, 1 nothing in common.',
    unit: 'short',
    view: 'lines',
    queries: [
      {
        legend: 'confidence',
        expression: {
          kind: 'distance',
          histogram: METRIC.predictionConfidence,
          reference: METRIC.referenceConfidence,
        },
        range: '1h',
      },
      {
        legend: 'length',
        expression: {
          kind: 'distance',
          histogram: METRIC.predictionTokens,
          reference: METRIC.referenceTokens,
        },
        range: '1h',
      },
    ],
    threshold: { when: 'above', warning: 0.2, bad: 0.4 },
    runbook: 'VerdictMixShifted',
  },

  // ── Objectives ─────────────────────────────────────────────────────────────
  budgetBurn: {
    id: 'budget-burn',
    title: 'Error-budget burn rate',
    group: 'Objectives',
    description:
      'How many times faster than allowed the budget burns over an hour; above 14.4 somebody is called.',
    unit: 'short',
    view: 'lines',
    queries: [
      {
        legend: 'availability',
        expression: { kind: 'recorded', series: 'fnd:slo_availability:burn_rate1h' },
      },
      { legend: 'latency', expression: { kind: 'recorded', series: 'fnd:slo_latency:burn_rate1h' } },
    ],
    threshold: { when: 'above', warning: 1, bad: 14.4 },
    runbook: 'ErrorBudgetBurn',
  },

  // ── Plumbing ───────────────────────────────────────────────────────────────
  targetsUp: {
    id: 'targets-up',
    title: 'Instances up',
    group: 'Plumbing',
    description: 'Backend instances that answer their scrapes.',
    unit: 'short',
    view: 'number',
    queries: one('up', { kind: 'gauge', fold: 'sum', metric: 'up' }),
    threshold: { when: 'below', warning: 1, bad: 1 },
    runbook: 'BackendDown',
  },
  scrapeDuration: {
    id: 'scrape-duration',
    title: 'Scrape duration',
    group: 'Plumbing',
    description: 'How long the slowest instance takes to hand out its metrics.',
    unit: 's',
    view: 'lines',
    queries: one('slowest', { kind: 'gauge', fold: 'max', metric: 'scrape_duration_seconds' }),
    threshold: { when: 'above', warning: 0.5, bad: 5 },
    runbook: 'TargetMissing',
  },
  rules: {
    id: 'rules',
    title: 'Rule evaluation',
    group: 'Plumbing',
    description: 'How long Prometheus takes to evaluate the slower group of fnd’s rules.',
    unit: 's',
    view: 'lines',
    queries: one('slowest group', {
      kind: 'rules',
      metric: 'prometheus_rule_group_last_duration_seconds',
      fold: 'max',
    }),
    threshold: { when: 'above', warning: 1, bad: 5 },
  },
  ruleFailures: {
    id: 'rule-failures',
    title: 'Rules that failed',
    group: 'Plumbing',
    description:
      'Evaluations of fnd’s rules that failed in the last hour: while one fails, its alert is silent.',
    unit: 'short',
    view: 'number',
    queries: one(
      'failures',
      { kind: 'rules', metric: 'prometheus_rule_evaluation_failures_total', fold: 'increase' },
      '1h',
    ),
    threshold: { when: 'above', warning: 0, bad: 0 },
  },
  restarts: {
    id: 'restarts',
    title: 'Restarts, last hour',
    group: 'Plumbing',
    description: 'Restarts of the backend process and of its inference workers over the last hour.',
    unit: 'short',
    view: 'number',
    queries: [
      { legend: 'process', expression: { kind: 'changes', metric: PROCESS_METRIC.startTime }, range: '1h' },
      {
        legend: 'workers',
        expression: { kind: 'times', factor: 3600, of: { kind: 'rate', metric: METRIC.workerRestarts } },
        range: '1h',
      },
    ],
    threshold: { when: 'above', warning: 1, bad: 4 },
    runbook: 'WorkerCrashLoop',
  },
} as const satisfies Record<string, Panel>

export type PanelName = keyof typeof CATALOGUE

/** Every panel, in the catalogue's order. */
export const PANELS: readonly Panel[] = Object.values(CATALOGUE)

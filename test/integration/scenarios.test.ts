// Each entry of the catalogue, asked of a real Prometheus after a scripted scenario, against what the scenario really did.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settingsSchema } from '../../src/config/schema.ts'
import { CATALOGUE, type PanelName } from '../../src/observe/catalogue.ts'
import { toPromql } from '../../src/observe/expression.ts'
import type { Panel } from '../../src/observe/panel.ts'
import { prometheusClient, type Sample } from '../../src/observe/prometheus.ts'
import { ruleFile } from '../../src/observe/rules.ts'
import { BACKEND } from '../../src/observe/traffic.ts'
import {
  CONFIDENCE_BUCKETS,
  LATENCY_BUCKETS,
  METRIC,
  PROCESS_METRIC,
  TOKEN_BUCKETS,
} from '../../src/service/metric-names.ts'
import { Past } from '../support/past.ts'
import type { PrometheusServer } from '../support/prometheus-server.ts'
import { type Request, ScriptedBackend } from '../support/scripted-backend.ts'

// Minutes 0 to 70 steady traffic; to 90 trouble: errors, a throttled worker, growing memory, dying workers, other
// texts; then a restart with another model; from 100 on nobody asks for anything, until 115, which is now.
const TROUBLE = 70
const RESTART = 90
const QUIET = 100
const END = 115
const STEADY_AT = 66
const TROUBLE_AT = 88
const CHANGED_AT = 98
const QUIET_AT = 112

const STEP = 15
const PER_STEP = 60
const PER_MINUTE = (PER_STEP * 60) / STEP
const RANGE = '5m'

const settings = settingsSchema.parse({})
const signal = new AbortController().signal
const start = Math.floor(Date.now() / 1000) - END * 60
const timeOf = (minute: number) => start + minute * 60

const REFERENCE = {
  labels: { Fake: 0.4, Real: 0.4, Uncertain: 0.2 },
  confidence: Array.from({ length: 50 }, (_, n) => 0.505 + n / 100),
  tokens: Array.from({ length: 100 }, (_, n) => 10 + n * 5),
}

/** The n-th request of a step. */
function requestOf(minute: number, n: number): Required<Omit<Request, 'route'>> {
  const trouble = minute >= TROUBLE && minute < RESTART
  const status = trouble && n < 6 ? 500 : trouble && n < 9 ? 503 : trouble && n < 12 ? 400 : 200
  const slow = trouble && n % 10 === 5
  return {
    status,
    stages: {
      tokenize: 0.002,
      queue: slow ? 2 : 0.004,
      inference: (trouble ? 0.25 : 0.01) + (n % 20) / 2000,
    },
    label: trouble ? 'Fake' : n % 5 === 0 ? 'Uncertain' : n % 5 < 3 ? 'Fake' : 'Real',
    confidence: trouble ? 0.975 : 0.505 + (n % 50) / 100,
    tokens: trouble ? 900 : 10 + ((n * 25) % 500),
  }
}

/** What was asked and answered from one minute to another. */
function doneBetween(from: number, to: number) {
  const minutes = Array.from({ length: ((to - from) * 60) / STEP }, (_, at) => from + (at * STEP) / 60)
  const all = minutes
    .filter((minute) => minute < QUIET)
    .flatMap((minute) => Array.from({ length: PER_STEP }, (_, n) => requestOf(minute, n)))
  return { all, answered: all.filter(({ status }) => status === 200) }
}
const latencyOf = ({ stages }: Required<Pick<Request, 'stages'>>) =>
  stages.tokenize + stages.queue + stages.inference
const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const shareOf = <T>(items: T[], is: (item: T) => boolean) => items.filter(is).length / items.length
const quantileOf = (values: number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * q) - 1] ?? Number.NaN
const bucketOf = (edges: readonly number[], value: number) => {
  const at = edges.findIndex((edge) => value <= edge)
  return at < 0 ? edges.length : at
}

let server: PrometheusServer

beforeAll(async () => {
  const past = new Past()
  let backend = newBackend('0.1.0', timeOf(-100))
  for (let time = start; time <= timeOf(END); time += STEP) {
    const minute = (time - start) / 60
    if (minute === RESTART) backend = newBackend('0.2.0', time - 3)
    const trouble = minute >= TROUBLE && minute < RESTART
    if (minute < QUIET) for (let n = 0; n < PER_STEP; n += 1) backend.request(requestOf(minute, n))
    backend.request({ route: '/metrics' })
    backend.work((trouble ? 1.5 : 0.5) * STEP, trouble ? 0.4 * STEP : 0)
    backend.collected(0.03 * STEP)
    backend.set(PROCESS_METRIC.memory, memoryAt(minute))
    backend.set(PROCESS_METRIC.eventLoopP99, trouble ? 0.3 : 0.011)
    backend.set(METRIC.queueDepth, trouble ? 40 : 1)
    if (trouble && minute % 5 === 0) backend.workerDied()
    await past.scrape(backend, time)
  }
  // Recorded as often as the test looks, not every 30 s.
  server = await past.serve(ruleFile(settings).replace('interval: 30s', 'interval: 1s'))
}, 180_000)
afterAll(async () => server?.[Symbol.asyncDispose]())

function newBackend(version: string, startTime: number): ScriptedBackend {
  const backend = new ScriptedBackend({ version })
  backend.set(PROCESS_METRIC.startTime, startTime)
  backend.reference(REFERENCE)
  return backend
}

function memoryAt(minute: number): number {
  return minute >= TROUBLE && minute < RESTART ? 200e6 + (minute - TROUBLE) * 9e6 : 200e6
}

/** The answers of an entry's query at a minute of the scenario. */
async function ask(name: PanelName, minute: number, query = 0): Promise<Sample[]> {
  const panel: Panel = CATALOGUE[name]
  const asked = panel.queries[query] ?? panel.queries[0]
  const promql = toPromql(asked.expression, { selector: BACKEND, range: asked.range ?? RANGE })
  return prometheusClient(server.url).query(promql, signal, minute === END ? undefined : timeOf(minute))
}
async function value(name: PanelName, minute: number, query = 0): Promise<number> {
  return (await ask(name, minute, query))[0]?.value ?? Number.NaN
}
async function byLabel(name: PanelName, label: string, minute: number, query = 0) {
  const samples = await ask(name, minute, query)
  return Object.fromEntries(samples.map((sample) => [sample.labels[label] ?? '', sample.value]))
}

const near = (seen: number | undefined, truth: number, part = 0.05) =>
  expect(Math.abs((seen ?? Number.NaN) - truth), `${seen} instead of ${truth}`).toBeLessThanOrEqual(
    Math.max(Math.abs(truth) * part, 1e-9),
  )
const withinPoint = (seen: number | undefined, truth: number) =>
  expect(Math.abs((seen ?? Number.NaN) - truth), `${seen} instead of ${truth}`).toBeLessThan(0.01)
const withinBucket = (edges: readonly number[], seen: number, truth: number) =>
  expect(
    Math.abs(bucketOf(edges, seen) - bucketOf(edges, truth)),
    `${seen} instead of ${truth}`,
  ).toBeLessThanOrEqual(1)

const inTrouble = doneBetween(TROUBLE_AT - 5, TROUBLE_AT)
const inSteady = doneBetween(STEADY_AT - 5, STEADY_AT)

async function quantiles(name: PanelName, edges: readonly number[], values: number[], minute: number) {
  for (const [query, q] of [0.5, 0.95, 0.99].entries())
    withinBucket(edges, await value(name, minute, query), quantileOf(values, q))
}

/** Cumulated buckets: the last tells how many there were, each of the others how many were no larger. */
async function buckets(name: PanelName, values: number[], minute: number) {
  for (const sample of await ask(name, minute)) {
    const edge = Number((sample.labels.le ?? '').replace('Inf', 'Infinity'))
    near(sample.value, values.filter((one) => one <= edge + 1e-9).length / 300)
  }
}

const stability = (actual: Record<string, number>) =>
  Object.entries(REFERENCE.labels).reduce((sum, [label, stated]) => {
    const share = Math.max(0.001, actual[label] ?? 0)
    return sum + (share - stated) * Math.log(share / stated)
  }, 0)
const distance = (edges: readonly number[], actual: number[], stated: readonly number[]) =>
  Math.max(
    ...edges.map((edge) =>
      Math.abs(
        shareOf(actual, (one) => one <= edge + 1e-9) - shareOf([...stated], (one) => one <= edge + 1e-9),
      ),
    ),
  )

/** One for each entry: an entry that nobody compares is no entry. */
const COMPARED: Record<PanelName, () => Promise<void>> = {
  requestRate: async () => {
    near(await value('requestRate', STEADY_AT), PER_MINUTE)
    near(await value('requestRate', QUIET_AT), 0)
  },
  requestsByRoute: async () => {
    const seen = await byLabel('requestsByRoute', 'status', TROUBLE_AT)
    for (const status of [200, 400, 500, 503])
      near(seen[status], PER_MINUTE * shareOf(inTrouble.all, (one) => one.status === status))
  },
  errorRate: async () => {
    withinPoint(
      await value('errorRate', TROUBLE_AT),
      shareOf(inTrouble.all, ({ status }) => status >= 500),
    )
    expect(await value('errorRate', QUIET_AT)).toBeNaN()
  },
  errorsByRoute: async () => {
    const minutely = (is: (status: number) => boolean) =>
      PER_MINUTE * shareOf(inTrouble.all, ({ status }) => is(status))
    near(
      (await byLabel('errorsByRoute', 'route', TROUBLE_AT))['/predict'],
      minutely((status) => status >= 500),
    )
    near(
      (await byLabel('errorsByRoute', 'route', TROUBLE_AT, 1))['/predict'],
      minutely((status) => status === 400),
    )
    near((await byLabel('errorsByRoute', 'route', STEADY_AT))['/predict'], 0)
  },
  callerErrorRate: async () =>
    withinPoint(
      await value('callerErrorRate', TROUBLE_AT),
      shareOf(inTrouble.all, ({ status }) => status === 400),
    ),
  httpDuration: () => quantiles('httpDuration', LATENCY_BUCKETS, inTrouble.all.map(latencyOf), TROUBLE_AT),
  predictionLatency: async () => {
    await quantiles('predictionLatency', LATENCY_BUCKETS, inTrouble.answered.map(latencyOf), TROUBLE_AT)
    await quantiles('predictionLatency', LATENCY_BUCKETS, inSteady.answered.map(latencyOf), STEADY_AT)
  },
  predictionMean: async () =>
    near(
      await value('predictionMean', TROUBLE_AT),
      meanOf(doneBetween(TROUBLE_AT - 60, TROUBLE_AT).answered.map(latencyOf)),
    ),
  predictionStages: async () => {
    const seen = await byLabel('predictionStages', 'stage', TROUBLE_AT)
    for (const stage of ['tokenize', 'queue', 'inference'] as const)
      near(seen[stage], meanOf(inTrouble.answered.map(({ stages }) => stages[stage])))
  },
  predictionHeatmap: () => buckets('predictionHeatmap', inTrouble.answered.map(latencyOf), TROUBLE_AT),
  cpu: async () => {
    near(await value('cpu', STEADY_AT), 0.5)
    near(await value('cpu', TROUBLE_AT), 1.5)
    near(await value('cpu', TROUBLE_AT, 1), 2)
  },
  memory: async () => {
    near(await value('memory', TROUBLE_AT), memoryAt(TROUBLE_AT))
    near(await value('memory', TROUBLE_AT, 1), 400e6)
    near(await value('memory', TROUBLE_AT, 2), 40e6)
  },
  memoryShare: async () => withinPoint(await value('memoryShare', TROUBLE_AT), memoryAt(TROUBLE_AT) / 400e6),
  throttling: async () => withinPoint(await value('throttling', TROUBLE_AT), 0.4),
  queue: async () => {
    near(await value('queue', TROUBLE_AT), 40)
    near(await value('queue', TROUBLE_AT, 1), 64)
  },
  queueShare: async () => withinPoint(await value('queueShare', TROUBLE_AT), 40 / 64),
  rejected: async () => {
    const seen = await byLabel('rejected', 'reason', TROUBLE_AT)
    near(seen.queue_full, PER_MINUTE * shareOf(inTrouble.all, ({ status }) => status === 503))
    near(seen.invalid, PER_MINUTE * shareOf(inTrouble.all, ({ status }) => status === 400))
    near(seen.draining, 0)
  },
  workersBusy: async () => {
    const work = inTrouble.answered.reduce((sum, { stages }) => sum + stages.inference, 0)
    near(await value('workersBusy', TROUBLE_AT), work / 300 / 2)
  },
  eventLoop: async () => near(await value('eventLoop', TROUBLE_AT), 0.3),
  gc: async () => near((await byLabel('gc', 'kind', STEADY_AT)).minor, 0.03),
  modelVersion: async () => {
    expect(await byLabel('modelVersion', 'version', STEADY_AT)).toEqual({ '0.1.0': 1 })
    expect(await byLabel('modelVersion', 'version', CHANGED_AT)).toEqual({ '0.2.0': 1 })
  },
  modelReady: async () => near(await value('modelReady', STEADY_AT), 1),
  verdictMix: async () => {
    const seen = await byLabel('verdictMix', 'label', STEADY_AT)
    for (const label of ['Fake', 'Real', 'Uncertain'])
      withinPoint(
        seen[label],
        shareOf(inSteady.answered, (one) => one.label === label),
      )
  },
  uncertain: async () => {
    withinPoint(
      await value('uncertain', STEADY_AT),
      shareOf(inSteady.answered, ({ label }) => label === 'Uncertain'),
    )
    near(await value('uncertain', TROUBLE_AT), 0)
    expect(await value('uncertain', QUIET_AT)).toBeNaN()
  },
  predictionRate: async () =>
    near(await value('predictionRate', TROUBLE_AT), (inTrouble.answered.length / 300) * 60),
  confidence: async () => {
    withinPoint(
      await value('confidence', STEADY_AT, 1),
      meanOf(inSteady.answered.map(({ confidence }) => confidence)),
    )
    withinPoint((await byLabel('confidence', 'label', TROUBLE_AT)).Fake, 0.975)
  },
  confidenceHeatmap: () =>
    buckets(
      'confidenceHeatmap',
      inSteady.answered.map(({ confidence }) => confidence),
      STEADY_AT,
    ),
  tokens: () =>
    quantiles(
      'tokens',
      TOKEN_BUCKETS,
      inSteady.answered.map(({ tokens }) => tokens),
      STEADY_AT,
    ),
  windows: async () =>
    near(
      await value('windows', STEADY_AT),
      meanOf(inSteady.answered.map(({ tokens }) => Math.ceil(tokens / 256))),
    ),
  verdictDrift: async () => {
    near(await value('verdictDrift', STEADY_AT), 0, 0)
    const { answered } = doneBetween(TROUBLE_AT - 60, TROUBLE_AT)
    const mix = Object.fromEntries(
      Object.keys(REFERENCE.labels).map((label) => [label, shareOf(answered, (one) => one.label === label)]),
    )
    near(await value('verdictDrift', TROUBLE_AT), stability(mix))
  },
  distributionDrift: async () => {
    const { answered } = doneBetween(TROUBLE_AT - 60, TROUBLE_AT)
    const confidences = answered.map(({ confidence }) => confidence)
    const tokens = answered.map((one) => one.tokens)
    withinPoint(
      await value('distributionDrift', TROUBLE_AT),
      distance(CONFIDENCE_BUCKETS, confidences, REFERENCE.confidence),
    )
    withinPoint(
      await value('distributionDrift', TROUBLE_AT, 1),
      distance(TOKEN_BUCKETS, tokens, REFERENCE.tokens),
    )
  },
  budgetBurn: async () => {
    const { all, answered } = doneBetween(END - 60, END)
    const { availability, latencyShare, latency } = settings.slo
    await recorded()
    near(await value('budgetBurn', END), shareOf(all, ({ status }) => status >= 500) / (1 - availability))
    near(
      await value('budgetBurn', END, 1),
      shareOf(answered, (one) => latencyOf(one) > latency) / (1 - latencyShare),
    )
  },
  targetsUp: async () => near(await value('targetsUp', STEADY_AT), 1),
  scrapeDuration: async () => near(await value('scrapeDuration', STEADY_AT), 0.006),
  rules: async () => {
    await recorded()
    const groups = await prometheusClient(server.url).rules(signal)
    const slowest = Math.max(...groups.map((group) => group.evaluationTime ?? 0))
    const seen = await value('rules', END)
    expect(seen).toBeGreaterThan(slowest / 20)
    expect(seen).toBeLessThan(Math.max(slowest * 20, 1))
  },
  ruleFailures: async () => {
    await recorded()
    near(await value('ruleFailures', END), 0)
  },
  restarts: async () => {
    near(await value('restarts', CHANGED_AT), 1)
    near(await value('restarts', STEADY_AT), 0)
    // Four in the twenty minutes of trouble; what was counted before the first scrape of a series is not seen.
    near(await value('restarts', RESTART - 1, 1), 4)
  },
  canaryShare: async () => {
    expect(await byLabel('canaryShare', 'version', STEADY_AT)).toEqual({ '0.9.0': 0 })
  },
  versionRate: async () => {
    near(
      (await byLabel('versionRate', 'version', TROUBLE_AT))['0.1.0'],
      (inTrouble.answered.length / 300) * 60,
    )
  },
  versionLatency: async () =>
    withinBucket(
      LATENCY_BUCKETS,
      await value('versionLatency', TROUBLE_AT),
      quantileOf(inTrouble.answered.map(latencyOf), 0.95),
    ),
  shadowDisagreement: async () =>
    withinPoint(
      await value('shadowDisagreement', STEADY_AT),
      shareOf(doneBetween(STEADY_AT - 60, STEADY_AT).answered, ({ label }) => label !== 'Real'),
    ),
}

/** Waits until the rules have been recorded and Prometheus has scraped itself twice. */
async function recorded(): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const values = [await value('budgetBurn', END), await value('budgetBurn', END, 1)]
    if (values.every(Number.isFinite) && Number.isFinite(await value('ruleFailures', END))) return
    await sleep(500)
  }
  throw new Error('nothing was recorded within 60 s')
}

describe('the catalogue tells what the scenario did', () => {
  it('for every entry', () => expect(Object.keys(COMPARED).sort()).toEqual(Object.keys(CATALOGUE).sort()))

  it.each(Object.keys(COMPARED) as PanelName[])('%s', (name) => COMPARED[name]())
})

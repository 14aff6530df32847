import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settingsSchema } from '../../src/config/schema.ts'
import { CATALOGUE, PANELS } from '../../src/observe/catalogue.ts'
import { toPromql } from '../../src/observe/expression.ts'
import { takeReadings } from '../../src/observe/health.ts'
import { backendSource, prometheusSource } from '../../src/observe/health-source.ts'
import { prometheusClient } from '../../src/observe/prometheus.ts'
import { ruleFile } from '../../src/observe/rules.ts'
import { BACKEND } from '../../src/observe/traffic.ts'
import { judge } from '../../src/observe/verdict.ts'
import { LATENCY_BUCKETS, METRIC } from '../../src/service/metric-names.ts'
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server.ts'
import { ScriptedBackend } from '../support/scripted-backend.ts'

// What the scenario does, every second: 20 requests, of which one ends in 500 and two in 400, one prediction in ten
// takes two seconds in the queue; half a core of CPU.
const PER_SECOND = { requests: 20, failed: 1, refused: 2, slow: 2 }
const SECONDS = 45
const WINDOW = 60

const P95 = { kind: 'quantile', q: 0.95, histogram: METRIC.predictionLatency } as const
const settings = settingsSchema.parse({})
const signal = new AbortController().signal
let backend: ScriptedBackend
let prometheus: PrometheusServer

beforeAll(async () => {
  backend = new ScriptedBackend()
  backend.reference({ labels: { Fake: 0.5, Real: 0.5 }, confidence: [0.8, 0.9], tokens: [50, 200] })
  const address = await backend.listen()
  prometheus = await startPrometheus([address], ruleFile(settings))
  const start = Date.now()
  for (let second = 0; second < SECONDS; second += 1) {
    for (let n = 0; n < PER_SECOND.requests; n += 1) {
      const status = n < PER_SECOND.failed ? 500 : n < PER_SECOND.failed + PER_SECOND.refused ? 400 : 200
      const slow = n >= PER_SECOND.requests - PER_SECOND.slow
      backend.request({
        status,
        stages: { tokenize: 0.001, queue: slow ? 2 : 0.001, inference: 0.01 },
        label: n % 2 ? 'Fake' : 'Real',
        confidence: 0.88,
      })
    }
    backend.request({ route: '/metrics', status: 200 })
    backend.work(0.5)
    await sleep(Math.max(0, start + (second + 1) * 1000 - Date.now()))
  }
}, 120_000)
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]()
  await backend?.[Symbol.asyncDispose]()
})

/** The range that the scenario has filled: a rate over it is what the scenario did. */
const FILLED = '30s'
const ask = (expression: Parameters<typeof toPromql>[0], by?: string[]) =>
  prometheusClient(prometheus.url).query(
    toPromql(expression, { selector: BACKEND, range: FILLED, ...(by ? { by } : {}) }),
    signal,
  )
const value = async (expression: Parameters<typeof toPromql>[0]) =>
  (await ask(expression))[0]?.value ?? Number.NaN

describe('the catalogue against a real Prometheus', () => {
  // A recording rule's group runs every 30 s; the scenario is long enough for one run.
  it.each(PANELS.flatMap((panel) => panel.queries.map((query) => ({ id: panel.id, query }))))(
    '$id: $query.legend parses and returns data',
    async ({ query }) => {
      const samples = await ask(query.expression)
      expect(samples.length).toBeGreaterThan(0)
      expect(samples.some((sample) => Number.isFinite(sample.value))).toBe(true)
      const perInstance = await ask(query.expression, ['instance'])
      if (query.expression.kind !== 'recorded' && query.expression.kind !== 'rules')
        expect(perInstance.every((sample) => sample.labels.instance)).toBe(true)
    },
  )

  it('tells the rate within 5 %', async () => {
    const rate = await value(CATALOGUE.requestRate.queries[0].expression)
    expect(Math.abs(rate / (PER_SECOND.requests * 60) - 1)).toBeLessThan(0.05)
  })

  it('tells the error shares within a point, scrapes not counted', async () => {
    const server = await value(CATALOGUE.errorRate.queries[0].expression)
    expect(Math.abs(server - PER_SECOND.failed / PER_SECOND.requests)).toBeLessThan(0.01)
    const caller = await value(CATALOGUE.callerErrorRate.queries[0].expression)
    expect(Math.abs(caller - PER_SECOND.refused / PER_SECOND.requests)).toBeLessThan(0.01)
  })

  it('tells p95 within one bucket', async () => {
    const p95 = await value(P95)
    const bucketOf = (seconds: number) => LATENCY_BUCKETS.findIndex((edge) => seconds <= edge)
    expect(Math.abs(bucketOf(p95) - bucketOf(2.011))).toBeLessThanOrEqual(1)
  })

  it('tells CPU, stages and verdicts as they were', async () => {
    expect(await value(CATALOGUE.cpu.queries[0].expression)).toBeCloseTo(0.5, 1)
    const stages = await ask(CATALOGUE.predictionStages.queries[0].expression)
    const queue = stages.find((sample) => sample.labels.stage === 'queue')?.value ?? 0
    expect(queue).toBeGreaterThan(0.2)
    const verdicts = await ask(CATALOGUE.verdictMix.queries[0].expression)
    expect(verdicts.reduce((sum, sample) => sum + sample.value, 0)).toBeCloseTo(1, 6)
  })

  it('loads the rules without an error', async () => {
    const groups = await prometheusClient(prometheus.url).rules(signal)
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(20)
    expect(rules.filter((rule) => rule.health === 'err')).toEqual([])
  })
})

describe('health against a real Prometheus', () => {
  it('is unhealthy, names the queue as the cause, and takes less than a second', async () => {
    const source = prometheusSource(prometheusClient(prometheus.url), Date.now)
    const start = performance.now()
    const readings = await takeReadings(source, WINDOW, true, signal)
    expect(performance.now() - start).toBeLessThan(1000)
    const verdict = judge(readings, settings.slo)
    expect(verdict.state).toBe('unhealthy')
    expect(verdict.findings.find((finding) => finding.cause)?.cause).toMatch(/^queue:/)
    expect(readings.instances).toHaveLength(1)
    expect(readings.trends.rate?.some((point) => point !== null && point > 0)).toBe(true)
  })

  it('says the same when it reads the backend itself', async () => {
    const source = backendSource(await backendAddress(), Date.now)
    const mine = await takeReadings(source, WINDOW, false, signal)
    expect(mine.figures.errors).toBeCloseTo(PER_SECOND.failed / PER_SECOND.requests, 6)
    const theirs = await value(P95)
    expect(mine.figures.p95).toBeCloseTo(theirs, 1)
  })
})

async function backendAddress(): Promise<URL> {
  const [target] = await prometheusClient(prometheus.url).targets(signal)
  return new URL('/', target?.scrapeUrl ?? 'http://127.0.0.1')
}

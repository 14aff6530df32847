// What is counted, from the first scrape on, and that no client can add a label value.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { METRIC } from '../../../src/service/metric-names.ts'
import { createMetrics } from '../../../src/service/metrics.ts'
import { ModelHost } from '../../../src/service/model-host.ts'
import { ARTICLE, readyApp } from './app.ts'

let made: Awaited<ReturnType<typeof readyApp>>
beforeAll(async () => {
  made = await readyApp()
})
afterAll(() => made.app.close())

const post = (payload: object): InjectOptions => ({ method: 'POST', url: '/predict', payload })

/** The value of one series, undefined when it does not exist. */
async function value(series: string, app = made.app): Promise<number | undefined> {
  const line = (await app.inject('/metrics')).body.split('\n').find((at) => at.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

test('every name of the contract is exposed, with its type and help', async () => {
  const { body, headers } = await made.app.inject('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  for (const name of Object.values(METRIC)) expect(body).toMatch(new RegExp(`^# TYPE ${name} `, 'm'))
  expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
  expect(body).toMatch(/^process_resident_memory_bytes /m)
})

test('a garbage collection is counted', async () => {
  // Its series appear with the first collection that is observed: provoke one.
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  await expect
    .poll(
      async () => {
        collectGarbage()
        return (await made.app.inject('/metrics')).body
      },
      { timeout: 10_000 },
    )
    .toMatch(/^nodejs_gc_duration_seconds_count\{kind="major"\} [1-9]/m)
})

test('what can happen starts at 0, so that rates work from the first scrape', async () => {
  const { app } = await readyApp()
  for (const series of [
    'http_requests_total{method="POST",route="/predict",status="200"}',
    'http_requests_total{method="POST",route="/predict",status="503"}',
    'http_request_duration_seconds_count{method="POST",route="/predict",status="200"}',
    'predictions_total{label="Uncertain"}',
    'predictions_rejected_total{reason="deadline"}',
    'prediction_stage_seconds_count{stage="inference"}',
    'prediction_worker_restarts_total',
    'model_load_failures_total{reason="corrupt"}',
    'model_load_failures_total{reason="unusable"}',
  ])
    expect(await value(series, app), series).toBe(0)
})

test('a prediction is counted with its verdict, stages and size', async () => {
  const { app } = await readyApp()
  await app.inject(post({ text: ARTICLE }))
  await app.inject(post({ text: 'Short' }))
  expect(await value('predictions_total{label="Real"}', app)).toBe(1)
  expect(await value('prediction_latency_seconds_sum', app)).toBeCloseTo(0.033)
  expect(await value('prediction_stage_seconds_sum{stage="inference"}', app)).toBeCloseTo(0.03)
  expect(await value('prediction_confidence_bucket{le="0.9",label="Real"}', app)).toBe(1)
  expect(await value('predictions_rejected_total{reason="invalid"}', app)).toBe(1)
  expect(await value('http_requests_total{method="POST",route="/predict",status="200"}', app)).toBe(1)
  expect(await value('http_requests_total{method="POST",route="/predict",status="400"}', app)).toBe(1)
})

test('predictions that come while the service stops are counted, probes are not', async () => {
  const { app, model } = await readyApp()
  model.refuse()
  await app.inject(post({ text: ARTICLE }))
  await app.inject('/ready')
  expect(await value('predictions_rejected_total{reason="draining"}', app)).toBe(1)
})

test('probes and scrapes are counted, and not timed: nobody asks for it, and each would be 22 lines of every scrape', async () => {
  const { app } = await readyApp()
  for (const url of ['/health', '/ready', '/metrics', '/openapi.json', '/nowhere']) await app.inject(url)
  const { body } = await app.inject('/metrics')
  const routes = (name: string) =>
    new Set([...body.matchAll(new RegExp(`^${name}\\{.*route="([^"]+)"`, 'gm'))].map(([, route]) => route))
  expect(routes('http_requests_total')).toContain('/metrics')
  expect([...routes('http_request_duration_seconds_count')].sort()).toEqual([
    '/analyze',
    '/predict',
    '/predict/batch',
    'unknown',
  ])
})

test('an idle event loop has no lag', async () => {
  const { app } = await readyApp()
  const lag = 'nodejs_eventloop_lag_p50_seconds'
  // The first scrape starts anew; the loop then does nothing but wait for this timer.
  await app.inject('/metrics')
  await new Promise((resolve) => setTimeout(resolve, 100))
  const [measured] = (await app.inject('/metrics')).body.match(new RegExp(`^${lag} .*$`, 'm')) ?? []
  // Its own resolution is 10 ms; half of that leaves room for a busy machine.
  expect(Number(measured?.split(' ')[1])).toBeLessThan(0.005)
})

test('what the bundle answered on its reference texts stands beside what it answers now', async () => {
  expect(await value('model_reference_label_share{label="Real"}')).toBe(0.5)
  const within = (name: string, edge: string) =>
    value(`model_reference_${name}_bucket{le="${edge}",reference="bundle"}`)
  expect(await within('confidence', '0.55')).toBe(1)
  expect(await within('confidence', '0.95')).toBe(4)
  expect(await within('tokens', '4096')).toBe(3)
  expect(await within('tokens', '+Inf')).toBe(4)
  const loading = createMetrics({ version: '1.2.3', commit: 'abc' }, new ModelHost())
  expect(await loading.text()).not.toMatch(/^model_reference_\w+\{/m)
})

test('the model, the queue and the workers as they are now', async () => {
  expect(await value('model_ready')).toBe(1)
  expect(await value(`model_info{name="double",version="1.0.0",sha256="${'ab'.repeat(6)}"}`)).toBe(1)
  expect(await value('fnd_build_info{version="1.2.3",commit="abc"}')).toBe(1)
  expect(await value('prediction_queue_capacity')).toBe(8)
  expect(await value('prediction_workers{state="ready"}')).toBe(2)
  const { app } = await readyApp({}, { model: new ModelHost() })
  expect((await app.inject('/metrics')).statusCode).toBe(200)
})

test('clients cannot add series: random addresses, methods, bodies and headers', async () => {
  const { app } = await readyApp()
  const series = async () =>
    (await app.inject('/metrics')).body
      .split('\n')
      .filter((line) => line && !line.startsWith('#') && !line.startsWith('nodejs_'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')))
  const hammer = async (round: number) => {
    for (const method of ['GET', 'POST', 'PROPFIND', 'MKCOL', 'TRACE', 'PUT', 'OPTIONS', 'SEARCH'])
      for (const path of [
        '/predict',
        `/x${round}`,
        `/predict/${round}`,
        `/docs/static/${round}`,
        `/%zz${round}`,
      ])
        await app.inject({
          method: method as 'GET',
          url: path,
          headers: { 'x-request-id': `r${round}`, 'content-type': `a/${round}` },
          ...(method === 'POST' ? { payload: `${round}` } : {}),
        })
  }
  await hammer(0)
  const before = await series()
  for (let round = 1; round <= 25; round++) await hammer(round)
  expect(await series()).toEqual(before)
  expect(before.some((name) => name.includes('method="other"'))).toBe(true)
})

test('the start is told to the millisecond: replicas that start in the same second are told apart', async () => {
  const page = await createMetrics({ version: '1.2.3', commit: 'abc' }, new ModelHost()).text()
  const started = Number(/^process_start_time_seconds (\S+)$/m.exec(page)?.[1])
  expect(started).toBe(performance.timeOrigin / 1000)
  expect(started % 1).not.toBe(0)
})

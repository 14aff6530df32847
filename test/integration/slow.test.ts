// What the whole of observability is for: predictions become 25 times slower, and everything says so and why.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settingsSchema } from '../../src/config/schema.ts'
import { prometheusClient } from '../../src/observe/prometheus.ts'
import { ruleFile } from '../../src/observe/rules.ts'
import { emptyHome, type Home } from '../support/program.ts'
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const TEXT =
  'The city council voted on Tuesday to extend the opening hours of the public library, officials said after the meeting.'
const OBJECTIVE = { FND_SLO_LATENCY: '300ms', FND_SLO_LATENCY_SHARE: '99%' }
/** The process may run for this share of the time: everything takes as many times as long. */
const CYCLE_MS = 500
const SCRAPE_SECONDS = 3
const CLIENTS = 3
const WARMING = 20
/** What the issue is about. */
const SLOWER = 25

const signal = new AbortController().signal
let serve: ServeProcess
let prometheus: PrometheusServer
let home: Home

beforeAll(async () => {
  serve = startServe({ FND_BACKEND_WORKERS: '1', FND_BACKEND_DEADLINE: '60s' })
  await serve.logged('ready')
  // The first predictions take longer: code is compiled, the language detector loads its data. No scrape has seen them yet.
  for (let n = 0; n < WARMING; n += 1) await predict()
  const settings = settingsSchema.parse({ slo: { latency: '300ms', latencyShare: '99%' } })
  // The windows need no shortening: the hour of the first pair holds just what the test does. Its waiting time does.
  const rules = ruleFile(settings).replaceAll('for: 2m', 'for: 2s').replace('interval: 30s', 'interval: 1s')
  prometheus = await startPrometheus([serve.url('/')], rules, undefined, SCRAPE_SECONDS)
  home = emptyHome()
}, 120_000)
afterAll(async () => {
  home?.[Symbol.dispose]()
  await prometheus?.[Symbol.asyncDispose]()
  await serve?.[Symbol.asyncDispose]()
})

/** Seconds of one prediction, as its client sees it. */
async function predict(): Promise<number> {
  const began = performance.now()
  const response = await fetch(serve.url('/predict'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: TEXT }),
  })
  expect(response.status).toBe(200)
  await response.text()
  return (performance.now() - began) / 1000
}

/** Stops and continues the process until disposed of: the kernel's scheduler does the same under a CPU limit. */
function throttle(times: number): Disposable {
  const run = CYCLE_MS / times
  let over = false
  void (async () => {
    while (!over) {
      serve.child.kill('SIGSTOP')
      await sleep(CYCLE_MS - run)
      serve.child.kill('SIGCONT')
      await sleep(run)
    }
  })()
  return {
    [Symbol.dispose]: () => {
      over = true
      serve.child.kill('SIGCONT')
    },
  }
}

/** Clients that ask one after another until told to stop; what each prediction took. */
function clients(): { stop(): Promise<number[]> } {
  let over = false
  const took: number[] = []
  const running = Array.from({ length: CLIENTS }, async () => {
    while (!over) took.push(await predict())
  })
  return {
    stop: async () => {
      over = true
      await Promise.all(running)
      return took
    },
  }
}

const fnd = (...args: string[]) =>
  home.fnd([...args, '--json', '--prometheus', prometheus.url.href], { env: OBJECTIVE })
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const firing = async () =>
  (await prometheusClient(prometheus.url).alerts(signal)).some(
    ({ labels, state }) => labels.alertname === 'LatencyBudgetBurn' && state === 'firing',
  )

describe('predictions become 25 times slower', () => {
  it('the alert fires, health is 3 and names the cause, the report shows it', async () => {
    const normal: number[] = []
    for (const end = Date.now() + 3 * SCRAPE_SECONDS * 1000; Date.now() < end; await sleep(200))
      normal.push(await predict())
    const before = await fnd('health', '--window', '1m')
    expect(before.code, before.stdout).toBe(0)

    const slow: number[] = []
    using _throttled = throttle(SLOWER)
    const traffic = clients()
    const deadline = Date.now() + 120_000
    while (!(await firing()) && Date.now() < deadline) await sleep(500)
    expect(await firing()).toBe(true)

    const health = await fnd('health', '--window', '1m')
    // A report ends with a whole second: what began in the present one is in the next.
    await sleep(1000)
    const report = await fnd('report', '--since', '5m')
    slow.push(...(await traffic.stop()))
    expect(mean(slow) / mean(normal)).toBeGreaterThanOrEqual(SLOWER)

    expect(health.code, health.stdout).toBe(3)
    const { findings } = JSON.parse(health.stdout).data
    expect(findings.map((finding: { what: string }) => finding.what).join('\n')).toMatch(
      /Alert LatencyBudgetBurn \(critical\)/,
    )
    expect(findings.find((finding: { cause?: string }) => finding.cause)?.cause).toMatch(
      /^(queue|inference): .* of a prediction’s time/,
    )

    expect(report.code).toBe(0)
    const { state, findings: told, alerts } = JSON.parse(report.stdout).data
    expect(state).toBe('unhealthy')
    expect(alerts).toContainEqual(
      expect.objectContaining({ name: 'LatencyBudgetBurn', severity: 'critical' }),
    )
    expect(
      told.find((finding: { what: string }) => finding.what.startsWith('Latency missed'))?.cause,
    ).toMatch(/^(queue|inference):/)
  })
})

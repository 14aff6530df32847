// The checks of a stack that has just come up, or whose settings have changed since.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { soundness } from '../../../src/checks/soundness.ts'
import { resolvePaths } from '../../../src/config/paths.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import type { Runtime } from '../../../src/runtime/runtime.ts'
import { BACKEND_JOB } from '../../../src/service/metric-names.ts'
import { collect } from '../../support/collect.ts'

const NOW = Date.UTC(2026, 10, 25)

/** A Prometheus that scrapes once a minute; it is asked for its targets again and again, and answers with the next of these. */
async function minutely(looks: ('none' | 'unscraped' | 'scraped')[], alerts: object[] = []) {
  const targetsOf = (look: (typeof looks)[number] | undefined) => {
    const scraped = { health: 'up', lastScrape: new Date(NOW - 50_000).toISOString() }
    const unscraped = { health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' }
    const target = {
      labels: { job: BACKEND_JOB, instance: 'a' },
      scrapeUrl: 'http://a/metrics',
      lastError: '',
      lastScrapeDuration: 0.01,
      scrapeInterval: '1m',
      ...(look === 'scraped' ? scraped : unscraped),
    }
    return look === 'none' ? [] : [target]
  }
  const server = createServer((request, response) => {
    const data = request.url?.startsWith('/api/v1/targets')
      ? { activeTargets: targetsOf(looks.length > 1 ? looks.shift() : looks[0]) }
      : request.url?.startsWith('/api/v1/alerts')
        ? { alerts }
        : { version: '3.5.3' }
    response.end(JSON.stringify({ status: 'success', data }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return { url: new URL(`http://127.0.0.1:${address.port}`), [Symbol.dispose]: () => server.close() }
}

/** The results of the group "metrics"; the settings say that a scrape is due every `scrapeInterval` seconds. */
async function aboutMetrics(prometheus: URL, scrapeInterval: number) {
  const runtime: Pick<Runtime, 'check' | 'endpoints'> = {
    async *check() {},
    endpoints: async () => ({ prometheus, [Symbol.asyncDispose]: async () => {} }),
  }
  const world = {
    settings: settingsSchema.parse({ prometheus: { scrapeInterval } }),
    paths: resolvePaths({}, '/'),
    runtime: runtime as Runtime,
    nodeVersion: '22.0.0',
    now: () => NOW,
  }
  const results = await collect(soundness(world, new AbortController().signal))
  return results.filter(({ group }) => group === 'metrics')
}

const aboutTargets = async (prometheus: URL, scrapeInterval: number) =>
  (await aboutMetrics(prometheus, scrapeInterval)).filter(({ title }) => title.includes('target'))

it('go by the scrape interval of the running Prometheus, not by that of the settings', async () => {
  using prometheus = await minutely(['scraped'])
  expect(await aboutTargets(prometheus.url, 5)).toMatchObject([
    { outcome: 'pass', detail: 'a' },
    { outcome: 'pass', detail: 'last scrape 50 s ago' },
  ])
})

it('wait for the first scrape of a Prometheus that has just started', async () => {
  using prometheus = await minutely(['none', 'none', 'none', 'unscraped', 'unscraped', 'scraped'])
  expect((await aboutTargets(prometheus.url, 60)).map(({ outcome }) => outcome)).toEqual(['pass', 'pass'])
})

it('name the alerts that fire, but for those that only inform', async () => {
  const alert = (alertname: string, severity: string, state = 'firing') => ({
    labels: { alertname, severity },
    annotations: {},
    state,
    activeAt: new Date(NOW).toISOString(),
  })
  const alerts = [
    alert('ModelRefused', 'warning'),
    alert('LatencyBudgetBurn', 'critical', 'pending'),
    alert('ModelChanged', 'info'),
  ]
  using prometheus = await minutely(['scraped'], alerts)
  const results = await aboutMetrics(prometheus.url, 60)
  expect(results.find(({ title }) => title === 'no alert fires')).toMatchObject({
    outcome: 'warn',
    detail: 'ModelRefused: firing',
  })
})

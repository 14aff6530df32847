// The checks of a stack whose settings have changed since it was brought up.

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

/** A Prometheus that scrapes once a minute and did so 50 s ago. */
async function minutely() {
  const target = {
    labels: { job: BACKEND_JOB, instance: 'a' },
    scrapeUrl: 'http://a/metrics',
    health: 'up',
    lastError: '',
    lastScrape: new Date(NOW - 50_000).toISOString(),
    lastScrapeDuration: 0.01,
    scrapeInterval: '1m',
  }
  const server = createServer((request, response) => {
    const data = request.url?.startsWith('/api/v1/targets')
      ? { activeTargets: [target] }
      : { version: '3.5.3' }
    response.end(JSON.stringify({ status: 'success', data }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return { url: new URL(`http://127.0.0.1:${address.port}`), [Symbol.dispose]: () => server.close() }
}

it('go by the scrape interval of the running Prometheus, not by that of the settings', async () => {
  using prometheus = await minutely()
  const runtime: Pick<Runtime, 'check' | 'endpoints'> = {
    async *check() {},
    endpoints: async () => ({ prometheus: prometheus.url, [Symbol.asyncDispose]: async () => {} }),
  }
  const world = {
    settings: settingsSchema.parse({ prometheus: { scrapeInterval: 5 } }),
    paths: resolvePaths({}, '/'),
    runtime: runtime as Runtime,
    nodeVersion: '22.0.0',
    now: () => NOW,
  }
  const results = await collect(soundness(world, new AbortController().signal))
  const scraped = results.find(({ title }) => title === 'every backend target is scraped without error')
  expect(scraped).toMatchObject({ outcome: 'pass', detail: 'last scrape 50 s ago' })
})

// What Prometheus is still to see is waited for, as long as it takes and no longer.

import { expect, it } from 'vitest'
import { isUp, untilTargets } from '../../../src/checks/targets.ts'
import type { Target } from '../../../src/observe/prometheus.ts'
import { BACKEND_JOB } from '../../../src/service/metric-names.ts'

const never = new AbortController().signal
const lacking = (targets: Target[]) => (targets.some(isUp) ? undefined : 'not scraped')

const target = (job: string, health: Target['health']): Target => ({
  labels: { job },
  scrapeUrl: 'http://a/metrics',
  health,
  lastError: '',
  lastScrape: '0001-01-01T00:00:00Z',
  lastScrapeDuration: 0,
  scrapeInterval: '5s',
})

/** A Prometheus that finds its targets `finds` seconds after its start and scrapes the backend at `scrapes`; each look takes a second. */
function starting({ finds, scrapes, interval = 60 }: { finds: number; scrapes: number; interval?: number }) {
  let seconds = 0
  const targets = async () => {
    seconds += 1
    if (seconds < finds) return []
    return [target('prometheus', 'up'), target(BACKEND_JOB, seconds < scrapes ? 'unknown' : 'up')]
  }
  return { prometheus: { targets }, scrapeInterval: interval, pollMs: 0, clock: () => seconds * 1000 }
}

it('a Prometheus that has just started is given the time to find the backend and to scrape it', async () => {
  const found = await untilTargets(starting({ finds: 4, scrapes: 8 }), lacking, never)
  expect(found).toEqual([target(BACKEND_JOB, 'up')])
})

it('what never comes is told after one scrape interval of the running Prometheus, not of the settings', async () => {
  const world = starting({ finds: 4, scrapes: Number.POSITIVE_INFINITY })
  await expect(untilTargets(world, lacking, never)).rejects.toThrow('not scraped')
  expect(world.clock()).toBeLessThan(20_000)
})

it('a Prometheus that scrapes once in an hour is not waited for that long', async () => {
  const world = starting({ finds: Number.POSITIVE_INFINITY, scrapes: 0, interval: 3600 })
  await expect(untilTargets(world, lacking, never)).rejects.toThrow('not scraped')
  expect(world.clock()).toBeLessThan(100_000)
})

it('Ctrl-C ends the wait', async () => {
  const stop = new AbortController()
  const waited = untilTargets(
    starting({ finds: Number.POSITIVE_INFINITY, scrapes: 0 }),
    () => stop.abort() ?? 'not scraped',
    stop.signal,
  )
  await expect(waited).rejects.toMatchObject({ name: 'AbortError' })
})

import { describe, expect, it } from 'vitest'
import { runGroup } from '../../../src/checks/check.ts'
import { type FlowWorld, flowChecks } from '../../../src/checks/flow.ts'
import type { Prediction } from '../../../src/detector/detector.ts'
import { collect } from '../../support/collect.ts'

const verdict: Prediction = {
  label: 'Real',
  confidence: 0.9,
  probabilities: { real: 0.9, fake: 0.1 },
  model: { name: 'm', version: '1', sha256: '0' },
  tokens: 20,
  windows: 1,
  latencyMs: 5,
}

/** A backend of `replicas` processes behind one address, each call reaching the next one; `counts: false` forgets to count. */
function backend({ replicas = 1, counts = true } = {}) {
  const counters = Array.from({ length: replicas }, () => 7)
  let call = 0
  const reached = () => call++ % replicas
  return {
    counters,
    client: {
      predict: async () => {
        const at = reached()
        if (counts) counters[at] = (counters[at] ?? 0) + 1
        return verdict
      },
      metricsText: async () => {
        const at = reached()
        return `process_start_time_seconds ${1000 + at}\npredictions_total{label="Real"} ${counters[at]}\n`
      },
    },
  }
}

/** A clock that a query moves on by a second; Prometheus has the counter `scrapes` queries later. */
function world(stand: ReturnType<typeof backend>, scrapesAfter: number): FlowWorld {
  let now = 1_000_000
  let queries = 0
  return {
    backend: stand.client,
    prometheus: {
      query: async () => {
        now += 1000
        queries += 1
        return [{ labels: {}, value: queries > scrapesAfter ? Math.max(...stand.counters) : 7 }]
      },
    },
    scrapeInterval: 1,
    pollMs: 0,
    now: () => now,
  }
}

const outcomes = async (flow: FlowWorld) =>
  (await collect(runGroup(flowChecks(flow), new AbortController().signal))).map((result) => ({
    outcome: result.outcome,
    detail: result.detail,
  }))

describe('the proof of the flow', () => {
  it('holds when the count reaches Prometheus after a scrape', async () => {
    const seen = await outcomes(world(backend(), 3))
    expect(seen.map((result) => result.outcome)).toEqual(['pass', 'pass'])
    expect(seen[0]?.detail).toContain('predictions_total 7 → 8')
  })

  it('tells replicas apart, whichever one answers', async () => {
    expect((await outcomes(world(backend({ replicas: 3 }), 0))).map((result) => result.outcome)).toEqual([
      'pass',
      'pass',
    ])
  })

  it('fails where the backend answers but does not count, and asks Prometheus no more', async () => {
    expect(await outcomes(world(backend({ counts: false }), 0))).toEqual([
      { outcome: 'fail', detail: 'predictions_total did not move in 10 tries' },
      { outcome: 'skip', detail: expect.any(String) },
    ])
  })

  it('fails with the last value seen where the scrape never comes', async () => {
    const seen = await outcomes(world(backend(), Number.POSITIVE_INFINITY))
    expect(seen[1]).toMatchObject({ outcome: 'fail', detail: expect.stringContaining('it is 7') })
  })
})

// Which version answers a text beside a canary, what a shadow costs, and what is counted of each.

import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { FndError } from '../../../src/errors/error.ts'
import { type Answering, createAnswering, isInShare } from '../../../src/service/answering.ts'
import { createMetrics, type ServiceMetrics } from '../../../src/service/metrics.ts'
import { ModelHost } from '../../../src/service/model-host.ts'
import { FakeDetector } from '../../doubles/detector.ts'
import { ARTICLE } from './app.ts'

const texts = (count: number) => Array.from({ length: count }, (_, n) => `${ARTICLE} Item ${n}.`)

const version = (name: string): FakeDetector =>
  Object.assign(new FakeDetector(), { model: { name: 'double', version: name, sha256: name.repeat(64) } })

let model: ModelHost
let metrics: ServiceMetrics
let answering: Answering
let serving: FakeDetector
let canary: FakeDetector
let failures: unknown[]
beforeEach(async () => {
  model = new ModelHost()
  metrics = createMetrics({ version: '1', commit: 'a' }, model)
  failures = []
  answering = createAnswering(model, metrics, (error) => failures.push(error))
  serving = version('1')
  canary = version('2')
  await model.open(async () => serving)
})

const value = async (series: string) => {
  const line = (await metrics.text()).split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}
const versionOf = async (text: string) => (await answering.predict(text)).model.version
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

test('a share is kept within bounds, and one text always gets the same version', () => {
  for (const share of [0.01, 0.1, 0.5, 0.9]) {
    const hits = texts(4000).filter((text) => isInShare(text, { detector: canary, mode: 'canary', share }))
    // Four standard errors of a binomial: by chance beyond it once in 16,000.
    expect(Math.abs(hits.length / 4000 - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 4000))
  }
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
      const at = (part: number) => isInShare(text, { detector: canary, mode: 'canary', share: part })
      expect(at(share)).toBe(at(share))
      // A larger share keeps the texts of a smaller one.
      if (at(share)) expect(at(Math.min(1, share + 0.1))).toBe(true)
    }),
  )
  expect(isInShare(ARTICLE, { detector: canary, mode: 'canary', share: 0 })).toBe(false)
})

test('another canary gets other texts', () => {
  const of = (detector: FakeDetector) =>
    texts(500).filter((text) => isInShare(text, { detector, mode: 'canary', share: 0.1 }))
  expect(of(canary)).not.toEqual(of(version('3')))
})

test('answers name the version that made them, and are counted for it', async () => {
  model.accompany({ detector: canary, mode: 'canary', share: 0.5 })
  const versions = await Promise.all(texts(8).map(versionOf))
  const byCanary = versions.filter((name) => name === '2').length
  expect(byCanary).toBeGreaterThan(0)
  expect(byCanary).toBeLessThan(8)
  expect(await value('model_predictions_total{version="2",role="canary",label="Real"}')).toBe(byCanary)
  expect(await value('model_predictions_total{version="1",role="serving",label="Real"}')).toBe(8 - byCanary)
  expect(await value('model_prediction_latency_seconds_count{version="2",role="canary"}')).toBe(byCanary)
  expect(await value('predictions_total{label="Real"}')).toBe(8)
  expect(
    await value(`model_canary_share{name="double",version="2",sha256="${'2'.repeat(12)}",mode="canary"}`),
  ).toBe(0.5)
})

test.each([
  ['failed', new FndError('FND_INFERENCE_FAILED', { why: 'no logits' })],
  ['queue_full', new FndError('FND_QUEUE_FULL', { retryAfter: 1 })],
  ['failed', new Error('a defect')],
])('what the canary does not answer (%s) the serving version answers', async (reason, error) => {
  Object.assign(canary, {
    predict: (_text: string, { events }: { events?: { rejected?(why: string): void } }) => {
      if (reason === 'queue_full') events?.rejected?.('queue_full')
      return Promise.reject(error)
    },
  })
  model.accompany({ detector: canary, mode: 'canary', share: 1 })
  expect(await versionOf(ARTICLE)).toBe('1')
  expect(failures).toEqual([error])
  expect(await value(`model_prediction_errors_total{version="2",role="canary",reason="${reason}"}`)).toBe(1)
  // Nobody was turned away.
  expect(await value('predictions_rejected_total{reason="queue_full"}')).toBe(0)
})

test('a text that cannot be judged, or whose client left, is no fault of the canary', async () => {
  model.accompany({ detector: canary, mode: 'canary', share: 1 })
  await expect(answering.predict('short')).rejects.toMatchObject({ code: 'FND_TEXT_TOO_SHORT' })
  canary.hold()
  const left = new AbortController()
  const answer = answering.predict(ARTICLE, { signal: left.signal })
  left.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  expect(failures).toEqual([])
  expect(await value('model_prediction_errors_total{version="2",role="canary",reason="failed"}')).toBe(0)
})

test('a shadow reads what was answered; only its disagreement is counted', async () => {
  Object.assign(canary, {
    predict: async (text: string, options: Parameters<FakeDetector['predict']>[1]) =>
      new FakeDetector().predict(text.replace('Item 3', 'Item 3 is a hoax'), {
        ...options,
        events: {
          predicted: (made, times) => options?.events?.predicted?.({ ...made, model: canary.model }, times),
        },
      }),
  })
  model.accompany({ detector: canary, mode: 'shadow', share: 0 })
  for (const text of texts(6)) expect(await versionOf(text)).toBe('1')
  await settled()
  expect(await value('model_shadow_texts_total{version="2",outcome="agreed"}')).toBe(5)
  expect(await value('model_shadow_texts_total{version="2",outcome="disagreed"}')).toBe(1)
  expect(await value('model_shadow_probability_difference_sum{version="2"}')).toBeCloseTo(0.8)
  expect(await value('model_predictions_total{version="2",role="shadow",label="Fake"}')).toBe(1)
  // Clients were given six answers.
  expect(await value('predictions_total{label="Real"}')).toBe(6)
  expect(await value('predictions_total{label="Fake"}')).toBe(0)
})

test('while clients need the workers the shadow reads nothing, stops what it reads, and drops the oldest', async () => {
  let busy = true
  const { load } = serving
  Object.assign(serving, {
    load: () => ({
      ...load.call(serving),
      workers: { ready: busy ? 0 : 2, busy: busy ? 2 : 0, starting: 0 },
    }),
  })
  model.accompany({ detector: canary, mode: 'shadow', share: 0 })
  for (const text of texts(70)) await answering.predict(text)
  await settled()
  expect(canary.served).toHaveLength(0)
  expect(await value('model_shadow_texts_total{version="2",outcome="dropped"}')).toBe(6)
  // An idle moment: it begins with the oldest that is left.
  busy = false
  canary.hold()
  await answering.predict(ARTICLE)
  await settled()
  expect(canary.load().queueDepth).toBe(1)
  // A client needs the core: what was begun is put off.
  busy = true
  await answering.predict(ARTICLE)
  expect(canary.load().queueDepth).toBe(0)
  await settled()
  expect(canary.served).toHaveLength(0)
  expect(await value('model_shadow_texts_total{version="2",outcome="failed"}')).toBe(0)
})

test('the texts of a batch that goes on after a withdrawal are answered by the version that serves', async () => {
  model.accompany({ detector: canary, mode: 'canary', share: 1 })
  const taken = answering
  expect((await taken.predict(ARTICLE)).model.version).toBe('2')
  model.accompany(undefined)
  await canary.drain()
  expect((await taken.predict(ARTICLE)).model.version).toBe('1')
})

test('series of versions are bounded: the fourth takes the place of the oldest', async () => {
  for (const name of ['2', '3', '4', '5']) {
    model.replace(version(name))
    await answering.predict(ARTICLE)
  }
  const versions = (await metrics.text()).matchAll(/^model_predictions_total\{version="(\d)"/gm)
  expect([...new Set([...versions].map(([, name]) => name))].sort()).toEqual(['3', '4', '5'])
})

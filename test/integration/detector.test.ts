import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadBundle } from '../../src/detector/bundle.ts'
import { createDetector } from '../../src/detector/create.ts'
import type { Detector, Prediction, StageTimes } from '../../src/detector/detector.ts'
import { createInlineDetector } from '../../src/detector/inline.ts'
import { newsTexts } from '../support/news-texts.ts'

const seen = {
  predicted: [] as [Prediction, StageTimes][],
  rejected: [] as string[],
  restarted: [] as string[],
}
let detector: Detector
let inline: Detector

beforeAll(async () => {
  ;[detector, inline] = await Promise.all([
    createDetector({
      model: 'bundled',
      workers: 2,
      deadline: 60,
      events: {
        predicted: (prediction, stages) => seen.predicted.push([prediction, stages]),
        rejected: (reason) => seen.rejected.push(reason),
        workerRestarted: (why) => seen.restarted.push(why),
      },
    }),
    createInlineDetector({ model: 'bundled' }),
  ])
})
afterAll(async () => {
  await detector[Symbol.asyncDispose]()
  await inline[Symbol.asyncDispose]()
})

test.each(['base', 'fast'])('%s answers its reference texts as where it was made', async (model) => {
  const { manifest } = await loadBundle(model)
  const { inputs, tolerance } = manifest.selfTest ?? { inputs: [], tolerance: 0 }
  expect(inputs).not.toEqual([])
  await using own = await createInlineDetector({ model })
  for (const { text, fake } of inputs)
    expect(Math.abs((await own.predict(text)).probabilities.fake - fake), text).toBeLessThanOrEqual(tolerance)
})

test('input that cannot be judged is named', async () => {
  await expect(detector.predict(' <b>a</b> ')).rejects.toMatchObject({
    code: 'FND_TEXT_TOO_SHORT',
    params: { characters: 1 },
  })
  await expect(detector.predict('word '.repeat(3000))).rejects.toMatchObject({ code: 'FND_TEXT_TOO_LONG' })
  await expect(detector.predict('!?!?!?!?!?!?')).rejects.toMatchObject({ code: 'FND_TEXT_INVALID' })
  expect(seen.rejected.slice(-3)).toEqual(['invalid', 'invalid', 'invalid'])
})

test('a long text is read in windows to its end, and explained', async () => {
  const text = newsTexts(1, 60)[0] ?? ''
  const prediction = await detector.predict(text, { explain: 'full' })
  expect(prediction.windows).toBeGreaterThan(1)
  expect(prediction.explanation?.map(({ sentence }) => sentence).join(' ')).toBe(text)
})

test('what is told to whoever counts: one event for each prediction, with its stages', async () => {
  const before = seen.predicted.length
  const prediction = await detector.predict(
    'The council met on Tuesday and approved the budget for the new bridge.',
  )
  const [last, stages] = seen.predicted.at(-1) ?? []
  expect(seen.predicted.length).toBe(before + 1)
  expect(last).toEqual(prediction)
  expect(Math.min(...Object.values(stages ?? { none: -1 }))).toBeGreaterThanOrEqual(0)
  expect(stages?.inference).toBeGreaterThan(0)
})

test('200 texts alone, in this thread, and among 8 busy clients: the same bits', async () => {
  const texts = newsTexts(200, 2)
  const probabilities = async (of: Detector, client: string): Promise<number[]> => {
    const all: number[] = []
    for (const text of texts) all.push((await of.predict(text, { client })).probabilities.fake)
    return all
  }
  const alone = await probabilities(inline, '')
  const quiet = await probabilities(detector, 'alone')
  let busy = true
  const crowd = Array.from({ length: 8 }, async (_, client) => {
    for (let i = client; busy; i += 7)
      await detector.predict(texts[i % texts.length] ?? '', { client: `${client}` })
  })
  const crowded = await probabilities(detector, 'asked')
  busy = false
  await Promise.all(crowd)
  expect(quiet).toEqual(alone)
  expect(crowded).toEqual(alone)
})

test('while the workers are saturated the event loop is free', async () => {
  const texts = newsTexts(60, 12)
  const work = Promise.all(texts.map((text, i) => detector.predict(text, { client: `${i}` })))
  expect(detector.load().workers.busy).toBe(2)
  const lags: number[] = []
  while (detector.load().queueDepth > 0) {
    const before = performance.now()
    await new Promise(setImmediate)
    lags.push(performance.now() - before)
    await sleep(2)
  }
  await work
  lags.sort((a, b) => a - b)
  // A run takes longer than this; were it on this thread, most turns of the loop would too.
  expect(lags[Math.floor(lags.length * 0.9)]).toBeLessThan(10)
})

test('a client that leaves is dropped, running or waiting', async () => {
  const texts = newsTexts(30, 30)
  const control = new AbortController()
  const left = texts.map((text) => detector.predict(text, { explain: 'full', signal: control.signal }))
  const outcome = Promise.allSettled(left)
  await sleep(20)
  control.abort()
  expect(new Set((await outcome).map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(detector.load().queueDepth).toBe(0)
  await expect(detector.predict('x', { signal: control.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('what cannot be answered in time is refused at once; what was taken and ran late says so', async () => {
  const texts = newsTexts(600, 30)
  const outcomes = await Promise.allSettled(
    texts.map(async (text) => {
      const began = performance.now()
      return detector.predict(text, { deadline: 2 }).catch((error: unknown) => {
        throw Object.assign(error as Error, { after: performance.now() - began })
      })
    }),
  )
  const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  const full = refused.filter(({ code }) => code === 'FND_QUEUE_FULL')
  expect(full.length).toBeGreaterThan(100)
  for (const { code, after, params } of refused) {
    expect(['FND_QUEUE_FULL', 'FND_DEADLINE']).toContain(code)
    expect(params.retryAfter).toBeGreaterThanOrEqual(1)
    expect(after).toBeLessThan(10_000)
  }
  expect(outcomes.length - refused.length).toBeGreaterThan(0)
})

test('one signal may stand for many texts', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const { signal } = new AbortController()
  await Promise.all(newsTexts(30, 1).map((text) => detector.predict(text, { signal })))
  await new Promise(setImmediate)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})

test('draining finishes what is queued and takes nothing new', async () => {
  const own = await createDetector({ model: 'bundled', workers: 1, deadline: 60 })
  const queued = newsTexts(10).map((text) => own.predict(text))
  const drained = own.drain()
  await expect(own.predict('The council met on Tuesday.')).rejects.toMatchObject({ code: 'FND_DRAINING' })
  expect((await Promise.all(queued)).length).toBe(10)
  await drained
})

test('disposing refuses what is queued and leaves no thread', async () => {
  const own = await createDetector({ model: 'bundled', workers: 1, deadline: 60 })
  const outcome = Promise.allSettled(newsTexts(20, 20).map((text) => own.predict(text)))
  await own[Symbol.asyncDispose]()
  for (const each of await outcome)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'FND_DRAINING' })
})

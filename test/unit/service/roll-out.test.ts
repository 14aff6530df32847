// Taking new versions while the service runs: what is refused, what is fallen back on, what is finished by the old one.

import pino from 'pino'
import { expect, test } from 'vitest'
import type { Detector } from '../../../src/detector/detector.ts'
import { FndError } from '../../../src/errors/error.ts'
import { createMetrics } from '../../../src/service/metrics.ts'
import { ModelHost } from '../../../src/service/model-host.ts'
import { followFeed, loadFirst, type ModelFeed, type RollOut } from '../../../src/service/roll-out.ts'
import { FakeDetector } from '../../doubles/detector.ts'
import { ARTICLE } from './app.ts'

/** A detector of version `name`. */
const version = (name: string): FakeDetector =>
  Object.assign(new FakeDetector(), { model: { name: 'double', version: name, sha256: name } })

function rollOut(feed: Partial<ModelFeed>): RollOut {
  const model = new ModelHost()
  return {
    model,
    metrics: createMetrics({ version: '1', commit: 'a' }, model),
    feed: {
      first: async () => '1',
      isAway: (error) => error instanceof FndError && error.code === 'FND_REGISTRY_UNREACHABLE',
      load: async (place) => version(place),
      ...feed,
    },
    log: pino({ level: 'silent' }),
    keep: 600,
    stop: new AbortController().signal,
    cutOff: new AbortController().signal,
  }
}

const failures = async ({ metrics }: RollOut): Promise<string[]> =>
  (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('model_load_failures_total{') && !line.endsWith(' 0'))

test.each([
  new FndError('FND_MODEL_CORRUPT', { file: 'model.onnx', expected: 'a', found: 'b' }),
  new FndError('FND_MODEL_UNUSABLE', { place: 'manifest.json', why: 'it is not JSON' }),
  new FndError('FND_DISK_FULL', { path: '/cache', needed: 1 }),
])(
  '$code of the wanted version does not stop a restart while the last served one is there',
  async (error) => {
    const setting = rollOut({
      first: () => Promise.reject(error),
      lastServed: async () => 'last',
    })
    expect((await loadFirst(setting))?.model.version).toBe('last')
    expect(await failures(setting)).toHaveLength(1)
  },
)

test('without one that was served it ends', async () => {
  const error = new FndError('FND_DISK_FULL', { path: '/cache', needed: 1 })
  await expect(loadFirst(rollOut({ first: () => Promise.reject(error) }))).rejects.toBe(error)
})

test('a registry that is away at a look is no refused model; a damaged version is', async () => {
  const setting = rollOut({
    async *changes(_from, failed) {
      failed(new FndError('FND_REGISTRY_UNREACHABLE', { place: 'S3', why: 'nothing listens there' }))
      expect(await failures(setting)).toEqual([])
      failed(new FndError('FND_MODEL_CORRUPT', { file: 'model.onnx', expected: 'a', found: 'b' }))
      yield { serving: { place: '1', version: '1', sha256: '1' } }
    },
  })
  const first = await loadFirst(setting)
  if (first) await followFeed(first, setting)
  expect(await failures(setting)).toEqual(['model_load_failures_total{reason="corrupt"} 1'])
})

test('texts of a batch that runs since two versions before are still answered', async () => {
  const old = version('1')
  old.hold()
  let swapped = (): void => {}
  const twice = new Promise<void>((resolve) => {
    swapped = resolve
  })
  let drained = false
  const watched: Detector = Object.assign(old, {
    drain: async () => {
      drained = true
    },
  })
  const setting = rollOut({
    load: async (place) => (place === '1' ? watched : version(place)),
    async *changes() {
      for (const name of ['2', '3']) yield { serving: { place: name, version: name, sha256: name } }
      swapped()
    },
  })
  const first = await loadFirst(setting)
  if (!first) throw new Error('no model')
  const text = first.predict(ARTICLE)
  const followed = followFeed(first, setting)
  await twice
  await new Promise((resolve) => setTimeout(resolve, 120))
  expect(drained).toBe(false)
  old.release()
  expect((await text).model.version).toBe('1')
  await followed
  expect(drained).toBe(true)
  expect(setting.model.current().model.version).toBe('3')
})

const change = (name: string) => ({ place: name, version: name, sha256: name })

test('a canary is taken beside the serving version; its share, its promotion and the way back load nothing anew', async () => {
  const loaded: string[] = []
  const seen: unknown[] = []
  const setting = rollOut({
    load: async (place) => {
      loaded.push(place)
      return version(place)
    },
    async *changes() {
      const note = () => {
        const { canary, detector } = setting.model
        seen.push([detector?.model.version, canary?.detector.model.version, canary?.mode, canary?.share])
      }
      for (const [mode, share] of [
        ['shadow', 0],
        ['canary', 0.1],
        ['canary', 0.5],
      ] as const) {
        yield { canary: { ...change('2'), mode, share } }
        note()
      }
      yield { serving: change('2') }
      note()
      yield { serving: change('1') }
      note()
    },
  })
  const first = await loadFirst(setting)
  if (first) await followFeed(first, setting)
  expect(seen).toEqual([
    ['1', '2', 'shadow', 0],
    ['1', '2', 'canary', 0.1],
    ['1', '2', 'canary', 0.5],
    ['2', undefined, undefined, undefined],
    ['1', undefined, undefined, undefined],
  ])
  expect(loaded).toEqual(['1', '2'])
})

test('a canary that is refused is told; the serving version goes on, and the next one is taken', async () => {
  const refusals: string[][] = []
  const told = async () =>
    (await setting.metrics.text()).split('\n').filter((line) => line.startsWith('model_canary_refused{'))
  const setting = rollOut({
    load: async (place) => {
      if (place === '2')
        throw new FndError('FND_MODEL_SELF_TEST', { place: '2', text: 1, expected: 0.1, found: 0.9 })
      return version(place)
    },
    async *changes() {
      yield { canary: { ...change('2'), mode: 'canary', share: 0.1 } }
      expect(setting.model.canary).toBeUndefined()
      expect(setting.model.detector?.model.version).toBe('1')
      refusals.push(await told(), await failures(setting))
      yield { canary: { ...change('3'), mode: 'canary', share: 0.1 } }
      expect(setting.model.canary?.detector.model.version).toBe('3')
      refusals.push(await told())
    },
  })
  const first = await loadFirst(setting)
  if (first) await followFeed(first, setting)
  expect(refusals).toEqual([
    ['model_canary_refused{version="2",reason="self_test"} 1'],
    ['model_load_failures_total{reason="self_test"} 1'],
    [],
  ])
})

test('a canary that cannot be had is told as refused, until it is no longer wanted', async () => {
  const told: boolean[] = []
  const setting = rollOut({
    async *changes(_from, failed) {
      const note = async () =>
        told.push(
          (await setting.metrics.text()).includes('model_canary_refused{version="2",reason="corrupt"} 1'),
        )
      failed(new FndError('FND_REGISTRY_UNREACHABLE', { place: 'S3', why: 'nothing listens there' }), '2')
      await note()
      failed(new FndError('FND_MODEL_CORRUPT', { file: 'model.onnx', expected: 'a', found: 'b' }), '2')
      await note()
      yield {}
      await note()
    },
  })
  const first = await loadFirst(setting)
  if (first) await followFeed(first, setting)
  expect(told).toEqual([false, true, false])
})

test('a canary that is withdrawn ends once it is idle, and none of its texts is lost', async () => {
  const canary = version('2')
  let drained = false
  Object.assign(canary, {
    drain: async () => {
      drained = true
    },
  })
  let withdrawn = (): void => {}
  const gone = new Promise<void>((resolve) => {
    withdrawn = resolve
  })
  let text: Promise<{ model: { version: string } }> | undefined
  const setting = rollOut({
    load: async (place) => (place === '2' ? canary : version(place)),
    async *changes() {
      yield { canary: { ...change('2'), mode: 'canary', share: 0.5 } }
      canary.hold()
      text = canary.predict(ARTICLE)
      yield {}
      withdrawn()
    },
  })
  const first = await loadFirst(setting)
  if (!first) throw new Error('no model')
  const followed = followFeed(first, setting)
  await gone
  expect(setting.model.canary).toBeUndefined()
  await new Promise((resolve) => setTimeout(resolve, 120))
  expect(drained).toBe(false)
  canary.release()
  expect((await text)?.model.version).toBe('2')
  await followed
  expect(drained).toBe(true)
})

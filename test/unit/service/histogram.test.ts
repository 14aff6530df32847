// Our histogram against prom-client's: the same observations, the same lines.

import fc from 'fast-check'
import { Histogram as Reference, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { Histogram } from '../../../src/service/histogram.ts'

const LABELS = ['route', 'status'] as const
const EDGES = [0.001, 0.5, 1, 2.5]
const observation = fc.record({
  route: fc.constantFrom('/predict', 'a "quoted" route', 'back\\slash', 'two\nlines'),
  status: fc.constantFrom('200', '503'),
  value: fc.oneof(fc.constantFrom(...EDGES), fc.double({ min: -1, max: 10, noNaN: true })),
})

test('whatever is observed, it reads as prom-client writes it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 40 }), async (observations) => {
      const registers = [new Registry()]
      const options = { name: 'seconds', help: 'Seconds.', labelNames: LABELS, buckets: EDGES }
      const reference = new Reference({ ...options, registers })
      const ours = new Histogram(options)
      for (const { value, ...labels } of observations) {
        reference.observe(labels, value)
        ours.observe(labels, value)
      }
      expect(ours.text()).toBe(await registers[0]?.metrics())
    }),
  )
})

test('without labels it is there from the start', async () => {
  const registers = [new Registry()]
  const options = { name: 'seconds', help: 'Seconds.', buckets: EDGES }
  const reference = new Reference({ ...options, registers })
  const ours = new Histogram(options)
  expect(ours.text()).toBe(await registers[0]?.metrics())
  reference.observe(0.7)
  ours.observe({}, 0.7)
  expect(ours.text()).toBe(await registers[0]?.metrics())
})

test('zero shows a series and never sets one back', () => {
  const ours = new Histogram({ name: 's', help: 'S.', labelNames: ['stage'] as const, buckets: [1] })
  expect(ours.text()).not.toContain('stage')
  ours.zero({ stage: 'queue' })
  expect(ours.text()).toContain('s_count{stage="queue"} 0\n')
  ours.observe({ stage: 'queue' }, 3, 2)
  ours.zero({ stage: 'queue' })
  expect(ours.text()).toContain('s_bucket{le="1",stage="queue"} 0\ns_bucket{le="+Inf",stage="queue"} 2\n')
  expect(ours.text()).toContain('s_sum{stage="queue"} 6\n')
  ours.reset()
  expect(ours.text()).not.toContain('stage')
})

test('what is no number is refused', () => {
  const ours = new Histogram({ name: 's', help: 'S.', buckets: [1] })
  expect(() => ours.observe({}, Number.NaN)).toThrow(RangeError)
})

// Drawing a few of many.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSample } from '../../../src/evaluation/sample.ts'
import { seededRandom } from '../../../src/random.ts'

function drawn(size: number, of: number, seed: number): number[] {
  const sample = createSample<number>(size, seededRandom(seed))
  for (let i = 0; i < of; i++) sample.offer(i)
  return sample.kept()
}

it('keeps as many as it is told to, each once, in order, the same with the same seed', () => {
  fc.assert(
    fc.property(fc.nat(30), fc.nat(100), fc.nat(), (size, of, seed) => {
      const kept = drawn(size, of, seed)
      expect(kept).toHaveLength(Math.min(size, of))
      expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b))
      expect(drawn(size, of, seed)).toEqual(kept)
    }),
  )
})

it('draws the first and the last as often as any other', () => {
  const times = Array.from({ length: 20 }, () => 0)
  for (let seed = 0; seed < 4000; seed++)
    for (const item of drawn(5, 20, seed)) times[item] = (times[item] ?? 0) + 1
  // 1,000 times each, give or take four standard deviations of a binomial.
  for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(110)
})

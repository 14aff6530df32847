// The measures, against scikit-learn and against what they mean.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { intervalOf, quantile } from '../../../src/evaluation/bootstrap.ts'
import type { Example } from '../../../src/evaluation/example.ts'
import {
  accuracy,
  auroc,
  ece,
  inOrder,
  macroF1,
  reliability,
  riskCoverage,
  type Scores,
  scoresOf,
} from '../../../src/evaluation/measures.ts'
import { seededRandom } from '../../../src/random.ts'
import { example, examples } from './examples.ts'

interface Reference {
  fake: number[]
  truth: number[]
  weight: number[]
  accuracy: number
  macroF1: number
  auroc: number
  ece: number
}

const path = fileURLToPath(new URL('../../fixtures/evaluation/reference.json', import.meta.url))
const references = JSON.parse(readFileSync(path, 'utf8')) as Reference[]

const even = (scores: Scores) => new Float64Array(scores.fake.length).fill(1)
const scored = (some: readonly Example[]) => scoresOf(inOrder(some))

describe('weighted measures', () => {
  it.each(references.map((reference, at) => [at, reference] as const))(
    'agree with scikit-learn on case %i',
    (_, reference) => {
      const order = reference.fake
        .map((_, i) => i)
        .sort((a, b) => at(reference.fake, a) - at(reference.fake, b))
      const scores = {
        fake: Float64Array.from(order, (i) => at(reference.fake, i)),
        isFake: Uint8Array.from(order, (i) => at(reference.truth, i)),
      }
      const weights = Float64Array.from(order, (i) => at(reference.weight, i))
      expect(accuracy(scores, weights)).toBeCloseTo(reference.accuracy, 10)
      expect(macroF1(scores, weights)).toBeCloseTo(reference.macroF1, 10)
      expect(auroc(scores, weights)).toBeCloseTo(reference.auroc, 10)
      expect(ece(scores, weights)).toBeCloseTo(reference.ece, 10)
    },
  )

  it('AUROC is the share of pairs in which the fake text scores higher, ties half', () => {
    fc.assert(
      fc.property(examples, (some) => {
        const fakes = some.filter(({ truth }) => truth === 'fake')
        const reals = some.filter(({ truth }) => truth === 'real')
        const won = fakes.flatMap((f) =>
          reals.map((r) => (f.fake > r.fake ? 1 : f.fake === r.fake ? 0.5 : 0)),
        )
        const scores = scored(some)
        const found = auroc(scores, even(scores))
        if (won.length === 0) expect(found).toBeUndefined()
        else expect(found).toBeCloseTo(won.reduce((sum: number, one) => sum + one, 0) / won.length, 9)
      }),
    )
  })

  it('a text of weight two counts as two texts', () => {
    fc.assert(
      fc.property(examples, fc.nat(), (some, pick) => {
        const ordered = inOrder(some)
        const twice = pick % ordered.length
        const again = scored([...ordered, at(ordered, twice)])
        const scores = scoresOf(ordered)
        const weights = even(scores)
        weights[twice] = 2
        for (const measure of [accuracy, macroF1, ece])
          expect(measure(scores, weights)).toBeCloseTo(measure(again, even(again)), 9)
      }),
    )
  })
})

describe('calibration', () => {
  it('is perfect where confidence is the share of right answers', () => {
    const some = Array.from({ length: 10 }, (_, i) => example(i < 8 ? 'fake' : 'real', 0.8))
    const scores = scored(some)
    expect(ece(scores, even(scores))).toBeCloseTo(0, 9)
  })

  it('every text is in one bin of the reliability diagram, 100 % sure ones too', () => {
    fc.assert(
      fc.property(examples, (some) => {
        const scores = scored([...some, example('fake', 1), example('real', 0)])
        const bins = reliability(scores, even(scores))
        expect(bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(some.length + 2)
        for (const bin of bins.filter(({ n }) => n > 0)) {
          expect(bin.confidence).toBeGreaterThanOrEqual(bin.from - 1e-9)
          expect(bin.confidence).toBeLessThanOrEqual(bin.to + 1e-9)
        }
      }),
    )
  })
})

describe('risk and coverage', () => {
  it('answering everything risks what accuracy misses; the order of the rows does not matter', () => {
    fc.assert(
      fc.property(examples, (some) => {
        const scores = scored(some)
        const curve = riskCoverage(scores)
        expect(curve.points.at(-1)?.coverage).toBe(1)
        expect(curve.points.at(-1)?.risk).toBeCloseTo(1 - accuracy(scores, even(scores)), 9)
        expect(riskCoverage(scored(some.toReversed()))).toEqual(curve)
      }),
    )
  })

  it('the area is 0 where the surest answers are all right, and 1 where all are wrong', () => {
    expect(riskCoverage(scored([example('fake', 0.9), example('real', 0.2)])).area).toBe(0)
    expect(riskCoverage(scored([example('real', 0.9), example('fake', 0.2)])).area).toBe(1)
  })
})

describe('bootstrap', () => {
  const breathe = async () => {}

  it('holds the value, is the same every time, and narrows with more texts', async () => {
    const widthOf = async (n: number) => {
      const scores = scored(Array.from({ length: n }, (_, i) => example(i % 4 ? 'fake' : 'real', 0.9)))
      const run = () => intervalOf((w) => accuracy(scores, w), even(scores), 400, seededRandom(1), breathe)
      const found = await run()
      expect(found.value).toBeCloseTo(0.75, 9)
      expect(found.low).toBeLessThan(0.75)
      expect(found.high).toBeGreaterThan(0.75)
      expect(await run()).toEqual(found)
      return found.high - found.low
    }
    // 1.96 * sqrt(0.75 * 0.25 / n) on either side.
    expect(await widthOf(100)).toBeCloseTo(0.17, 1)
    expect(await widthOf(1600)).toBeLessThan((await widthOf(100)) / 3)
  })

  it('ends between two rounds when nobody waits any more', async () => {
    let rounds = 0
    const leave = async () => {
      if (++rounds === 3) throw new Error('left')
    }
    const measured = intervalOf(() => 1, new Float64Array(1), 1000, seededRandom(1), leave)
    await expect(measured).rejects.toThrow('left')
    expect(rounds).toBe(3)
  })

  it('without resamples the bounds are the value', async () => {
    const scores = scored([example('fake', 0.9)])
    expect(await intervalOf((w) => accuracy(scores, w), even(scores), 0, seededRandom(1), breathe)).toEqual({
      value: 1,
      low: 1,
      high: 1,
    })
  })

  it('quantiles are interpolated', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantile([], 0.5)).toBeUndefined()
  })
})

function at<T>(list: readonly T[], i: number): T {
  const value = list[i]
  if (value === undefined) throw new Error(`nothing at ${i}`)
  return value
}

// Explanations against a model whose sentences are known to add up.

import { describe, expect, it } from 'vitest'
import { type JudgeExplained, measureFaithfulness, spearman } from '../../../src/evaluation/faithfulness.ts'

const how = { resamples: 200, breathe: async () => {} }
const sentencesOf = (text: string) => text.match(/[^.]+\./g)?.map((sentence) => sentence.trim()) ?? []
const weightOf = (text: string) => (text.match(/-?\d+/g) ?? []).reduce((sum, n) => sum + Number(n), 0)

/** Adds up the numbers of a text; leaving one out tells them truly, each alone the other way round. */
const adding: JudgeExplained = async (texts, explain) =>
  texts.map((text) => {
    if (text.includes('unreadable')) return undefined
    const fake = 1 / (1 + Math.exp(-weightOf(text)))
    const sign = explain === 'full' ? 1 : -1
    return {
      label: 'Uncertain',
      probabilities: { fake, real: 1 - fake },
      latencyMs: { none: 10, sentences: 15, full: 40 }[explain],
      ...(explain === 'none'
        ? {}
        : {
            explanation: sentencesOf(text).map((sentence) => ({
              sentence,
              influence: sign * weightOf(sentence),
            })),
          }),
    }
  })

describe('faithfulness', () => {
  const texts = [
    'A 2. B -1. C 0.',
    'D -3. E 1. F 0.',
    'Too 1. Short 2.',
    'An unreadable 1. G 2. H 3.',
    'I 1. J 1. K -1.',
  ]

  it('tells how far the probability falls without the sentence named first', async () => {
    const { n, methods } = await measureFaithfulness(texts, adding, 1, how)
    expect(n).toBe(3)
    const [alone, full] = methods
    const p = (x: number) => 1 / (1 + Math.exp(-x))
    // The true top is A of the first, D of the second (which leans to Real), I of the third; the false one B, E, K.
    expect(full?.fall?.value).toBeCloseTo((p(1) - p(-1) + (p(2) - p(-1)) + (p(1) - p(0))) / 3, 9)
    expect(alone?.fall?.value).toBeCloseTo((p(1) - p(2) + (p(2) - p(3)) + (p(1) - p(2))) / 3, 9)
    expect(full?.gain?.value).toBeCloseTo((full?.fall?.value ?? 0) - (full?.randomFall?.value ?? 0), 9)
    expect(full?.randomFall).toEqual(alone?.randomFall)
  })

  it('tells the agreement with leave one out, which has none with itself, and the cost', async () => {
    const [alone, full] = (await measureFaithfulness(texts, adding, 1, how)).methods
    expect(alone).toMatchObject({ method: 'sentences', agreement: { value: -1 }, cost: { value: 1.5 } })
    expect(full).toMatchObject({ method: 'full', agreement: null, cost: { value: 4 } })
  })

  it('takes another sentence at random with another seed', async () => {
    const fall = async (seed: number) =>
      (await measureFaithfulness(texts, adding, seed, how)).methods[0]?.randomFall?.value
    expect(new Set(await Promise.all([1, 2, 3, 4, 5].map(fall))).size).toBeGreaterThan(1)
    expect(await fall(1)).toBe(await fall(1))
  })

  it('tells nothing where no text has sentences enough', async () => {
    const { n, methods } = await measureFaithfulness(['A 2. B 1.'], adding, 1, how)
    expect(n).toBe(0)
    expect(methods[0]).toMatchObject({
      fall: null,
      randomFall: null,
      gain: null,
      agreement: null,
      cost: null,
    })
  })
})

it.each([
  // scipy.stats.spearmanr
  [[1, 2, 3], [1, 3, 2], 0.5],
  [[1, 2, 2, 4], [3, 1, 2, 8], 0.316227766016838],
  [[5, 1, 3, 3, 2], [2, 1, 1, 4, 9], 0.0789473684210526],
])('spearman of %j and %j', (a, b, expected) => {
  expect(spearman(a, b)).toBeCloseTo(expected, 9)
})

it('cannot be told where all are alike', () => {
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN()
})

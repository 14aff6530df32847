// Shifts of answers under changes, against figures worked out by hand.

import { expect, it } from 'vitest'
import type { Label } from '../../../src/detector/detector.ts'
import type { Change } from '../../../src/evaluation/changes/change.ts'
import type { Answered } from '../../../src/evaluation/judge.ts'
import { measureShifts } from '../../../src/evaluation/shifts.ts'
import { example } from './examples.ts'

const verdictOf = (fake: number): Label => example('fake', fake).verdict
const sampled = (fake: number, index: number) => ({ text: `t${index}`, example: example('fake', fake) })
const how = { resamples: 200, breathe: async () => {} }

/** Says of `t0!` what the list holds at 0; a text without an entry cannot be judged. */
const saying = (fakes: readonly (number | undefined)[]) => async (texts: readonly string[]) =>
  texts.map((text): Answered | undefined => {
    const fake = fakes[Number(/\d+/.exec(text)?.[0])]
    return fake === undefined
      ? undefined
      : { label: verdictOf(fake), probabilities: { fake, real: 1 - fake }, latencyMs: 1 }
  })
const shout: Change = { name: 'shout', what: 'an exclamation mark', make: (text) => `${text}!` }

it('flips, withheld verdicts and moves are shares of what they can be taken of', async () => {
  //           Fake,    Fake,      Fake,     Real,      unsure,     not judged after
  const before = [0.9, 0.8, 0.95, 0.1, 0.6, 0.9]
  const after = [0.1, 0.6, 0.95, 0.2, 0.4, undefined]
  //          opposite, withheld, as it was, as it was, leans the other way
  const [shift] = await measureShifts(before.map(sampled), [shout], saying(after), 1, how)
  expect(shift).toMatchObject({ name: 'shout', what: 'an exclamation mark', n: 5 })
  expect(shift?.leaningFlipped?.value).toBeCloseTo(2 / 5, 9)
  expect(shift?.verdictFlipped?.value).toBeCloseTo(1 / 4, 9)
  expect(shift?.withheld?.value).toBeCloseTo(1 / 4, 9)
  expect(shift?.moved?.value).toBeCloseTo((0.8 + 0.2 + 0 + 0.1 + 0.2) / 5, 9)
  expect(shift?.towardsFake?.value).toBeCloseTo((-0.8 - 0.2 + 0 + 0.1 - 0.2) / 5, 9)
  for (const figure of [shift?.leaningFlipped, shift?.verdictFlipped, shift?.moved, shift?.towardsFake])
    expect(figure && figure.low < figure.value && figure.value < figure.high).toBe(true)
})

it('a text that a change leaves as it was does not count', async () => {
  const odd: Change = { ...shout, make: (text) => (text === 't1' ? `${text}!` : text) }
  const [shift] = await measureShifts([0.9, 0.9, 0.9].map(sampled), [odd], saying([0.1, 0.8, 0.1]), 1, how)
  expect(shift).toMatchObject({ n: 1, leaningFlipped: { value: 0 } })
})

it('of no text nothing is told; of texts without a verdict no flip of one', async () => {
  const [none] = await measureShifts(
    [sampled(0.9, 0)],
    [{ ...shout, make: (text) => text }],
    saying([]),
    1,
    how,
  )
  expect(none).toMatchObject({
    n: 0,
    leaningFlipped: null,
    verdictFlipped: null,
    withheld: null,
    moved: null,
  })
  const [unsure] = await measureShifts([sampled(0.6, 0)], [shout], saying([0.9]), 1, how)
  expect(unsure).toMatchObject({ n: 1, leaningFlipped: { value: 0 }, verdictFlipped: null, withheld: null })
})

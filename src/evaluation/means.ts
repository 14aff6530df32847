// Means and shares of texts, with the interval that the bootstrap gives them.

import { seededRandom } from '../random.ts'
import { type Breathe, type Interval, intervalOf } from './bootstrap.ts'

/** What is behind every interval of an evaluation. */
export interface Resampling {
  resamples: number
  breathe: Breathe
}

/** The bootstrap draws the same texts every time. */
export const SEED = 20_261_122

/** The mean of values, one for each text; null of none. NaN stands for a text in which it cannot be told. */
export function meanOf(values: readonly number[], how: Resampling): Promise<Interval | null> {
  const told = values.filter((value) => !Number.isNaN(value))
  return ratioOf(
    told,
    told.map(() => 1),
    how,
  )
}

/** The sum of one value of each text over the sum of another; null where the latter is 0. */
export async function ratioOf(
  parts: readonly number[],
  wholes: readonly number[],
  { resamples, breathe }: Resampling,
): Promise<Interval | null> {
  if (wholes.every((whole) => whole === 0)) return null
  const sum = (values: readonly number[], weights: Float64Array) =>
    weights.reduce((total, weight, i) => total + weight * (values[i] ?? 0), 0)
  return intervalOf(
    (weights) => {
      const whole = sum(wholes, weights)
      return whole === 0 ? Number.NaN : sum(parts, weights) / whole
    },
    new Float64Array(wholes.length).fill(1),
    resamples,
    seededRandom(SEED),
    breathe,
  )
}

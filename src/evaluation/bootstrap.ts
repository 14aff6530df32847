// How far a figure would move had other texts of the same kind been drawn: percentile bootstrap.

import type { Random } from '../random.ts'
import type { Weights } from './measures.ts'

/** A figure and the bounds of its 95 % confidence interval. */
export interface Interval {
  value: number
  low: number
  high: number
}

const TAIL = 0.025

/** Called between two rounds of long work: lets others run, and rejects when nobody waits for it any more. */
export type Breathe = () => Promise<void>

/**
 * A measure with its interval (Efron 1979). Resamples in which it cannot be told (NaN) are left out.
 *
 * @param measure A figure of weighted texts.
 * @param base What each text weighs before resampling.
 * @param resamples With 0 the bounds are the value itself.
 * @param random The same numbers give the same interval.
 */
export async function intervalOf(
  measure: (weights: Weights) => number,
  base: Weights,
  resamples: number,
  random: Random,
  breathe: Breathe,
): Promise<Interval> {
  const drawn = new Float64Array(resamples)
  const weights = new Float64Array(base.length)
  let told = 0
  for (let round = 0; round < resamples; round++) {
    await breathe()
    weights.fill(0)
    for (let i = 0; i < base.length; i++) {
      const at = Math.floor(random() * base.length)
      weights[at] = (weights[at] ?? 0) + (base[at] ?? 0)
    }
    const value = measure(weights)
    if (!Number.isNaN(value)) drawn[told++] = value
  }
  const value = measure(base)
  const values = drawn.subarray(0, told).sort()
  return { value, low: quantile(values, TAIL) ?? value, high: quantile(values, 1 - TAIL) ?? value }
}

/** The value below which a share of ascending values lies, interpolated; undefined of none. */
export function quantile(ascending: ArrayLike<number>, share: number): number | undefined {
  const at = share * (ascending.length - 1)
  const below = ascending[Math.floor(at)]
  const above = ascending[Math.ceil(at)]
  return below === undefined || above === undefined ? undefined : below + (above - below) * (at % 1)
}

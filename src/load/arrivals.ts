// When requests arrive: as from many people who do not know of each other.

import type { Random } from '../random.ts'

/**
 * The times of a Poisson process, in seconds from the start, ascending, all below `duration`: gaps are exponentially distributed
 * with mean 1/rate. The number of arrivals is itself random, rate × duration in the mean.
 *
 * Arrivals do not wait for answers ("open" in the sense of Schroeder, Wierman, Harchol-Balter: Open Versus Closed, NSDI 2006):
 * a slow server does not get fewer of them, which is what real users do to it.
 */
export function* poissonArrivals(rate: number, duration: number, random: Random): Generator<number> {
  for (let at = gap(rate, random); at < duration; at += gap(rate, random)) yield at
}

/** Inverse transform sampling; 1 - u is never 0, as u is below 1. */
function gap(rate: number, random: Random): number {
  return -Math.log(1 - random()) / rate
}

// Chance that can be had again: the same seed gives the same run.

/** Numbers in [0, 1), evenly spread. */
export type Random = () => number

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, ample for choosing texts and gaps. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of a list, which must not be empty. */
export function oneOf<T>(list: readonly T[], random: Random): T {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new RangeError('nothing to choose from')
  return item
}

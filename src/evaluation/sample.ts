// A few of many texts, each as likely as any other, without holding the others.

import type { Random } from '../random.ts'
import type { Example } from './example.ts'

/** A judged text that is to be judged again, changed. */
export interface SampledText {
  text: string
  example: Example
}

export interface Sample<T> {
  /** Offers one more; it, or one that was kept before it, may be dropped. */
  offer(item: T): void
  /** What is kept, in the order in which it was offered. */
  kept(): T[]
}

/** Keeps at most `size` items (Vitter 1985, algorithm R). */
export function createSample<T>(size: number, random: Random): Sample<T> {
  const kept: { item: T; order: number }[] = []
  let offered = 0
  return {
    offer(item) {
      const at = kept.length < size ? kept.length : Math.floor(random() * (offered + 1))
      if (at < size) kept[at] = { item, order: offered }
      offered += 1
    },
    kept: () => kept.toSorted((a, b) => a.order - b.order).map(({ item }) => item),
  }
}

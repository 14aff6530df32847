// Characters that take no room, in the middle of words.

import { oneOf, type Random } from '../../random.ts'

/** Share of the longer words that get one. */
const SHARE = 0.1
/** Soft hyphen, zero-width space, non-joiner, word joiner. */
const INVISIBLE = ['\u00ad', '\u200b', '\u200c', '\u2060'] as const

/** About one in ten words of four letters or more is cut by an invisible character. */
export function withInvisible(text: string, random: Random): string {
  return text.replace(/[A-Za-z]{4,}/g, (word) => {
    if (random() >= SHARE) return word
    const at = 1 + Math.floor(random() * (word.length - 1))
    return word.slice(0, at) + oneOf(INVISIBLE, random) + word.slice(at)
  })
}

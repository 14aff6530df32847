// Slips of the hand: two letters swapped, one left out, one doubled, or a neighbouring key.

import { oneOf, type Random } from '../../random.ts'

/** Share of the longer words that get one. */
const SHARE = 0.1
const LONG = /[A-Za-z]{4,}/g
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const

const SLIPS: readonly ((word: string, at: number, random: Random) => string)[] = [
  (word, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
  (word, at) => word.slice(0, at) + word.slice(at + 1),
  (word, at) => word.slice(0, at + 1) + word.slice(at),
  (word, at, random) => word.slice(0, at) + neighbour(word.charAt(at), random) + word.slice(at + 1),
]

/** About one in ten words of four letters or more gets one slip, never in its first letter. */
export function withTypos(text: string, random: Random): string {
  return text.replace(LONG, (word) => {
    if (random() >= SHARE) return word
    const at = 1 + Math.floor(random() * (word.length - 2))
    return oneOf(SLIPS, random)(word, at, random)
  })
}

function neighbour(letter: string, random: Random): string {
  const row = ROWS.find((keys) => keys.includes(letter.toLowerCase())) ?? ''
  const at = row.indexOf(letter.toLowerCase())
  return oneOf(
    [row[at - 1], row[at + 1]].filter((key) => key !== undefined),
    random,
  )
}

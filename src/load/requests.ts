// What is sent: articles of realistic lengths, and on demand a share of requests that a backend must refuse.

import { oneOf, type Random } from '../random.ts'
import { CORPUS } from './corpus.ts'

export const BAD_KINDS = ['too_short', 'wrong_type', 'broken_json', 'too_long'] as const
export type BadKind = (typeof BAD_KINDS)[number]

/** One request body for POST /predict. */
export interface LoadRequest {
  body: string
  /** Present when the backend must refuse it with 400. */
  bad?: BadKind
}

/** Parts of the corpus that make up one text, up to which share of all: briefs are common, long reads are not. */
const LENGTHS: readonly { parts: number; upTo: number }[] = [
  { parts: 1, upTo: 0.45 },
  { parts: 2, upTo: 0.65 },
  { parts: 4, upTo: 0.85 },
  { parts: 8, upTo: 0.95 },
  { parts: 14, upTo: 1 },
]
/** Just above what the detector takes. */
const TOO_MANY_CHARACTERS = 10_001

/**
 * The next request.
 *
 * @param badShare share of requests that must be refused, 0..1.
 * @param own texts to send instead of the built-in ones, as they are.
 */
export function nextRequest(random: Random, badShare: number, own?: readonly string[]): LoadRequest {
  if (random() < badShare) {
    const bad = oneOf(BAD_KINDS, random)
    return { body: BAD_BODIES[bad](random), bad }
  }
  return { body: JSON.stringify({ text: own ? oneOf(own, random) : composedText(random) }) }
}

const BAD_BODIES: Readonly<Record<BadKind, (random: Random) => string>> = {
  too_short: () => JSON.stringify({ text: 'short' }),
  wrong_type: (random) => JSON.stringify({ text: oneOf([42, null, ['a text'], { a: 'text' }], random) }),
  broken_json: (random) => JSON.stringify({ text: composedText(random) }).slice(0, -2),
  too_long: (random) => {
    let text = ''
    while (text.length < TOO_MANY_CHARACTERS) text += `${oneOf(CORPUS, random)} `
    return JSON.stringify({ text: `${text}end` })
  },
}

/** One to fourteen different parts of the corpus, one paragraph each. */
function composedText(random: Random): string {
  const at = random()
  const parts = LENGTHS.find(({ upTo }) => at < upTo)?.parts ?? 1
  const chosen = new Set<string>()
  while (chosen.size < parts) chosen.add(oneOf(CORPUS, random))
  return [...chosen].join('\n\n')
}

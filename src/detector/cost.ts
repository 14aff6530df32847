// What a text will cost before anybody has read it: the queue's unit of work is about one token.

import type { ExplainMode } from './detector.ts'

/** Fixed work of a prediction, in tokens. */
const BASE = 10
/** English news has about this many characters a token. */
const CHARACTERS_A_TOKEN = 4.4
/** A sentence of news, in characters; in one window there are at most about this many sentences. */
const CHARACTERS_A_SENTENCE = 110
const SENTENCES_A_WINDOW = 12

/** Estimated work of a text: the model reads in proportion to its length, more often for an explanation. */
export function costOf(text: string, explain: ExplainMode, maxChars: number): number {
  const length = Math.min(text.length, maxChars)
  const sentences = Math.max(1, length / CHARACTERS_A_SENTENCE)
  const readings =
    explain === 'full' ? 2 + Math.min(sentences, SENTENCES_A_WINDOW) : explain === 'sentences' ? 2.4 : 1
  return BASE + (length / CHARACTERS_A_TOKEN) * readings
}

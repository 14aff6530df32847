// What a reading says to whoever asked: a prediction, or the error that names what is wrong with the text.

import { FndError } from '../errors/error.ts'
import type { Bundle } from './bundle.ts'
import type { Prediction } from './detector.ts'
import type { IsEnglish } from './language.ts'
import { loadLanguages } from './language.ts'
import type { ReadResult } from './reader.ts'
import { decide } from './verdict.ts'

/**
 * Turns a reading into a prediction.
 *
 * @param started When the text was handed in, on the clock of `performance.now()`.
 * @throws FndError FND_TEXT_TOO_SHORT, FND_TEXT_TOO_LONG, FND_TEXT_INVALID.
 */
export async function answer(result: ReadResult, bundle: Bundle, started: number): Promise<Prediction> {
  const { config, identity } = bundle
  if (result.kind === 'too_short')
    throw new FndError('FND_TEXT_TOO_SHORT', { characters: result.characters, least: config.minChars })
  if (result.kind === 'too_long')
    throw new FndError('FND_TEXT_TOO_LONG', { characters: result.characters, most: config.maxChars })
  if (result.kind === 'no_words') throw new FndError('FND_TEXT_INVALID', { why: 'it holds no word' })
  const { text } = result
  const isEnglish: IsEnglish = text.unclear === undefined ? () => true : await loadLanguages()
  const verdict = decide(text.logit, text.facts, () => isEnglish(text.unclear ?? ''), config)
  return {
    ...verdict,
    model: identity,
    tokens: text.tokens,
    windows: text.windows,
    latencyMs: performance.now() - started,
    ...(text.explanation ? { explanation: text.explanation } : {}),
  }
}

// From the pooled logit to a label: calibration, thresholds, and the reasons to withhold a verdict.

import type { BundleConfig } from './bundle.ts'
import type { Label, UncertainReason } from './detector.ts'

/** What the verdict rests on besides the logit. */
export interface TextFacts {
  words: number
  /** Whether it ends as a sentence does; a headline does not. */
  sentenceEnd: boolean
  /** More than half of its letters are not Latin ones. */
  foreignScript: boolean
}

interface Verdict {
  label: Label
  reason?: UncertainReason
  confidence: number
  probabilities: { real: number; fake: number }
}

const SENTENCE_END = /[.!?\u2026]["')\]\u2019\u201d]*$/u
const WORD = /[\p{L}\p{N}]/u

/** The facts of a cleaned text. */
export function countWords(text: string): number {
  return text.split(' ').filter((part) => WORD.test(part)).length
}

export function endsAsSentence(text: string): boolean {
  return SENTENCE_END.test(text)
}

/**
 * The verdict on a text.
 *
 * @param logit Pooled log-odds of fake, before calibration.
 * @param english Asked only of texts long enough to tell.
 */
export function decide(
  logit: number,
  facts: TextFacts,
  english: () => boolean,
  config: BundleConfig,
): Verdict {
  const fake = 1 / (1 + Math.exp(-logit / config.temperature))
  const real = 1 - fake
  const confidence = Math.max(real, fake)
  const reason = doubt(fake, facts, english, config)
  const label = reason ? 'Uncertain' : fake > real ? 'Fake' : 'Real'
  return { label, ...(reason ? { reason } : {}), confidence, probabilities: { real, fake } }
}

/** Why there is no verdict: first what no confidence could mend, then what a stricter threshold asks, then doubt itself. */
function doubt(
  fake: number,
  facts: TextFacts,
  english: () => boolean,
  { thresholds }: BundleConfig,
): UncertainReason | undefined {
  if (facts.foreignScript) return 'not_english'
  if (facts.words < thresholds.minWords) return 'too_short'
  if (!english()) return 'not_english'
  const { accept, headline: headlineAccept } = thresholds
  const least = fake > 0.5 ? (thresholds.fake ?? accept) : accept
  const confidence = Math.max(fake, 1 - fake)
  const headline = facts.words <= thresholds.headlineMaxWords && !facts.sentenceEnd
  if (headline && confidence < least + headlineAccept - accept) return 'headline'
  return confidence < least ? 'low_confidence' : undefined
}

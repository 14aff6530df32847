import { expect, test } from 'vitest'
import { type BundleConfig, loadBundle } from '../../../src/detector/bundle.ts'
import { countWords, decide, endsAsSentence } from '../../../src/detector/verdict.ts'

const { config: shipped } = await loadBundle('bundled')
/** What a bundle may say; what the shipped one says changes with every training. */
const config: BundleConfig = {
  ...shipped,
  temperature: 1.5,
  thresholds: { accept: 0.75, headline: 0.85, headlineMaxWords: 15, minWords: 8 },
}
const english = (): boolean => true
const article = { words: 200, sentenceEnd: true, foreignScript: false }
/** The logit whose calibrated probability of fake is `p`. */
const logitOf = (p: number): number => Math.log(p / (1 - p)) * config.temperature

test('probabilities are calibrated and add up to 1', () => {
  const { probabilities, confidence } = decide(logitOf(0.8), article, english, config)
  expect(probabilities.fake).toBeCloseTo(0.8)
  expect(probabilities.real + probabilities.fake).toBe(1)
  expect(confidence).toBe(probabilities.fake)
})

test.each([
  ['sure of fake', 0.9, article, true, 'Fake', undefined],
  ['sure of real', 0.1, article, true, 'Real', undefined],
  ['not sure', 0.7, article, true, 'Uncertain', 'low_confidence'],
  [
    'a headline, fairly sure',
    0.8,
    { ...article, words: 10, sentenceEnd: false },
    true,
    'Uncertain',
    'headline',
  ],
  ['a headline, very sure', 0.9, { ...article, words: 10, sentenceEnd: false }, true, 'Fake', undefined],
  ['a short sentence', 0.8, { ...article, words: 10 }, true, 'Fake', undefined],
  ['five words', 0.99, { ...article, words: 5 }, true, 'Uncertain', 'too_short'],
  ['another language', 0.99, article, false, 'Uncertain', 'not_english'],
  [
    'another script, without spaces',
    0.99,
    { ...article, words: 1, foreignScript: true },
    true,
    'Uncertain',
    'not_english',
  ],
] as const)('%s', (_, fake, facts, isEnglish, label, reason) => {
  const verdict = decide(logitOf(fake), facts, () => isEnglish, config)
  expect({ label: verdict.label, reason: verdict.reason }).toEqual({ label, reason })
})

test('the language of a text too short to tell is not asked', () => {
  const never = (): boolean => {
    throw new Error('asked')
  }
  expect(decide(0, { ...article, words: 3 }, never, config).reason).toBe('too_short')
})

test('words hold a letter or a digit; a sentence may end in quotes', () => {
  expect(countWords("It's 12 o'clock - here !!")).toBe(4)
  expect(endsAsSentence("He said 'no.'")).toBe(true)
  expect(endsAsSentence('Governor vetoes bill')).toBe(false)
})

test.each([
  ['real', 0.28, article, 'Real'],
  ['fake', 0.78, article, 'Uncertain'],
  ['fake', 0.82, article, 'Fake'],
  ['a real headline', 0.18, { ...article, words: 10, sentenceEnd: false }, 'Real'],
  ['a fake headline', 0.86, { ...article, words: 10, sentenceEnd: false }, 'Uncertain'],
  ['a fake headline', 0.91, { ...article, words: 10, sentenceEnd: false }, 'Fake'],
] as const)('where Fake asks for more: %s at %d', (_, fake, facts, label) => {
  const thresholds = { ...config.thresholds, accept: 0.7, fake: 0.8, headline: 0.8 }
  expect(decide(logitOf(fake), facts, english, { ...config, thresholds }).label).toBe(label)
})

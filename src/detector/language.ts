// Is a text English? A false "no" on English news is the worse error, so the library is asked only where it is unclear.
//
// Measured on 10,705 English texts of at least 8 words (news, titles, tweets) and 50 sentences in 40 other languages:
// eld's smallest database with the rule below called 6 of the English ones foreign and none of the others English;
// the same without the ratio 29, tinyld 983, franc 208 at its best threshold.

/** Words that are frequent in English and are not words of its neighbours. */
const ENGLISH = new Set(
  (
    'the and that this with from have has had been which their they were would could should said says about because ' +
    'after before into what when where while who will you your his her it its are not than there these those'
  ).split(' '),
)

/** English needs this share of its own function words, and this many different ones, to be beyond doubt. */
const SHARE = 0.12
const DIFFERENT = 3

/** English is believed where its score reaches this share of the best language's: names and hashtags pull short texts away. */
const NEAR_BEST = 0.8

/** The library reads no more than this of a text. */
const READ = 1000

/** The part of a text that a library must judge; undefined where it is English beyond doubt. */
export function unclearLanguage(text: string): string | undefined {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const known = words.filter((word) => ENGLISH.has(word))
  const certain = known.length >= SHARE * words.length && new Set(known).size >= DIFFERENT
  return certain ? undefined : text.slice(0, READ)
}

/** True where more than half of the letters are of another script: certain however short the text is. */
export function foreignScript(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  return latin * 2 < letters
}

export type IsEnglish = (text: string) => boolean

let loaded: Promise<IsEnglish> | undefined

/** Loads the library once (0.3 s, 60 MB: callers that need no answer never pay). */
export function loadLanguages(): Promise<IsEnglish> {
  loaded ??= import('eld/extrasmall').then(({ eld }) => (text) => {
    const result = eld.detect(text)
    if (result.language === '' || result.language === 'en') return true
    const scores = result.getScores()
    return (scores.en ?? 0) >= NEAR_BEST * Math.max(...Object.values(scores))
  })
  return loaded
}

// Which changes are tried: those that a model should not mind, and the shortcuts that it may have learned.

import { inCapitals, inSmallLetters, openingInCapitals } from './capitals.ts'
import type { Change } from './change.ts'
import { withInvisible } from './invisible.ts'
import { firstHalf, firstSentence, twiceOver, withBoilerplate } from './length.ts'
import { withLookAlikes } from './look-alikes.ts'
import { withAgency, withBreaking, withDateline, withOfficials, withShare } from './newsroom.ts'
import { asked, exclaimed, otherQuotes, shouted, withoutPunctuation } from './punctuation.ts'
import { withTypos } from './typos.ts'

/** A reader would say the same of the text before and after. */
export const PERTURBATIONS: readonly Change[] = [
  { name: 'typos', what: 'a slip in one of ten longer words', make: withTypos },
  { name: 'upper case', what: 'all in capitals', make: inCapitals },
  { name: 'lower case', what: 'all in small letters', make: inSmallLetters },
  { name: 'no punctuation', what: 'marks between words removed', make: withoutPunctuation },
  { name: 'exclamation', what: 'each full stop made an exclamation mark', make: exclaimed },
  { name: 'look-alikes', what: 'one of ten letters Cyrillic or Greek', make: withLookAlikes },
  { name: 'zero width', what: 'an invisible character in one of ten longer words', make: withInvisible },
  { name: 'boilerplate', what: 'the foot of a web page appended', make: withBoilerplate },
  { name: 'first half', what: 'only the first half of the words', make: firstHalf },
  { name: 'other quotes', what: 'straight quotes made typographic, or the reverse', make: otherQuotes },
]

/** Marks of a source or a style that say nothing of the truth. */
export const SHORTCUTS: readonly Change[] = [
  { name: 'dateline', what: '“WASHINGTON (Reuters) - ” put before it', make: withDateline },
  { name: 'agency', what: 'a closing line that names The Associated Press', make: withAgency },
  { name: 'officials', what: 'a closing line that officials confirmed this', make: withOfficials },
  { name: 'breaking', what: '“BREAKING: ” put before it', make: withBreaking },
  { name: 'share this', what: 'a closing line that asks to share it', make: withShare },
  { name: 'capitals', what: 'the first sentence in capitals', make: openingInCapitals },
  { name: '!!!', what: 'three exclamation marks at its end', make: shouted },
  { name: 'question', what: 'a question mark at its end', make: asked },
  { name: 'shorter', what: 'only the first sentence', make: firstSentence },
  { name: 'longer', what: 'the text twice over', make: twiceOver },
]

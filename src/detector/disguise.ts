// What `news-v2` undoes first: words that look whole to a reader and are not, by invisible characters or letters of another script.

import table from './look-alikes.json' with { type: 'json' }

/** Letters that look like one Latin letter, by their script, with that letter. */
export const LOOK_ALIKES: Readonly<Record<string, Readonly<Record<string, string>>>> = table.lookAlikes

const LATIN_OF: ReadonlyMap<string, string> = new Map(
  Object.values(LOOK_ALIKES).flatMap((letters) => Object.entries(letters)),
)
const LOOK_ALIKE = new RegExp(`[${[...LATIN_OF.keys()].join('')}]`, 'gu')
const HAS_LOOK_ALIKE = new RegExp(LOOK_ALIKE.source, 'u')
/** Python's `\w+`, as training reads it. */
const WORD = /[\p{L}\p{N}_]+/gu
/** Written out, as Python's `re` knows no scripts. Phonetic letters, which look like plain ones, are not among them. */
const LATIN = /[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]/u

/** Soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors: nothing of them is seen. */
const INVISIBLE = '\\u00ad\\u034f\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufe00-\\ufe0f\\ufeff'
const INVISIBLE_IN_WORD = new RegExp(`(?<=[\\p{L}\\p{N}_])[${INVISIBLE}]+(?=[\\p{L}\\p{N}_])`, 'gu')

/**
 * The text with its words as a reader sees them: invisible characters inside a word are deleted, and in a word that holds
 * a Latin letter those that only look like one become it. A word wholly in another script stays.
 */
export function undisguised(text: string): string {
  const whole = text.replace(INVISIBLE_IN_WORD, '')
  if (!HAS_LOOK_ALIKE.test(whole)) return whole
  return whole.replace(WORD, (word) =>
    LATIN.test(word) ? word.replace(LOOK_ALIKE, (letter) => LATIN_OF.get(letter) ?? letter) : word,
  )
}

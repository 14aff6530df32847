// More or less of a text.

import { sentencesOf } from '../../detector/explain.ts'

const BOILERPLATE =
  'Sign up for our newsletter to get the day’s stories in your inbox. Follow us on social media, and write to us with ' +
  'corrections. All rights reserved. This material may not be copied or passed on without permission.'

/** What a web page leaves below an article. */
export const withBoilerplate = (text: string): string => `${text} ${BOILERPLATE}`

/** The first half of its words. */
export function firstHalf(text: string): string {
  const words = text.split(/\s+/)
  return words.slice(0, Math.ceil(words.length / 2)).join(' ')
}

export const firstSentence = (text: string): string => sentencesOf(text)[0] ?? text

/** Nothing new, at twice the length. */
export const twiceOver = (text: string): string => `${text} ${text}`

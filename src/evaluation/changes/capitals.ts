// Capitals and small letters.

import { sentencesOf } from '../../detector/explain.ts'

export const inCapitals = (text: string): string => text.toUpperCase()

export const inSmallLetters = (text: string): string => text.toLowerCase()

/** The first sentence alone in capitals, as chain letters open. */
export function openingInCapitals(text: string): string {
  const [first = ''] = sentencesOf(text)
  return text.replace(first, () => first.toUpperCase())
}

// A change of a text that leaves to a reader what it says.

import type { Random } from '../../random.ts'

export interface Change {
  /** Short: it heads a row of a table. */
  name: string
  /** What is done, in a few words. */
  what: string
  /** The changed text; the same numbers give the same one. A text that the change does not concern comes back as it was. */
  make(text: string, random: Random): string
}

// One row of a file of texts, and one row of the answer to it.

import { z } from 'zod'
import { prediction } from '../service/contract.ts'

/** A row as it was read: a text to judge, or the problem that keeps it from being judged. */
export interface Row {
  /** Counted from 1, empty lines and a CSV header not counted. */
  row: number
  id?: string
  title?: string
  /** Exactly one of text and problem is there. */
  text?: string
  problem?: string
  /** Further fields that the reader was asked for, as far as the row has them. */
  fields?: Readonly<Record<string, string>>
}

const identity = z.object({
  row: z.int().min(1).describe('Counted from 1, in the order of the input'),
  id: z.string().optional(),
  title: z.string().optional(),
})

/** A judged row. */
export const judgedRow = identity.extend(prediction.shape)

/** A row that could not be judged. */
export const failedRow = identity.extend({
  error: z.object({ code: z.string().describe('A code of docs/errors.md'), message: z.string() }),
})

export const answerRow = z.union([judgedRow, failedRow])
export type AnswerRow = z.infer<typeof answerRow>

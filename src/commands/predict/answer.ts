// What `fnd predict --json` prints: one verdict, or with --input one row a text (and a summary when they go to --output).

import { z } from 'zod'
import { answerRow } from '../../rows/row.ts'
import { modelIdentity, prediction } from '../../service/contract.ts'

const verdict = prediction.extend({
  where: z.enum(['local', 'stack']).describe('Who judged: this process or the running stack'),
  article: z
    .object({ url: z.string(), title: z.string().optional() })
    .optional()
    .describe('With --url: where the text was found'),
})

const summary = z.object({
  rows: z.int().min(0),
  failed: z.int().min(0).describe('Rows that could not be judged'),
  verdicts: z.object({ Fake: z.int(), Real: z.int(), Uncertain: z.int() }),
  seconds: z.number(),
  output: z.string(),
  where: z.enum(['local', 'stack']),
  model: modelIdentity.optional(),
})

export type Verdict = z.infer<typeof verdict>
export type Summary = z.infer<typeof summary>

export const answer = z.union([verdict, summary])
export const row = answerRow

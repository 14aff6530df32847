// What `fnd check --json` answers.

import { z } from 'zod'

export const answer = z.object({
  phase: z
    .enum(['before', 'after'])
    .describe('Whether the stack was asked to be fit to start, or to be sound'),
  passed: z.boolean().describe('True when no check failed'),
  results: z.array(
    z.object({
      group: z.string(),
      title: z.string(),
      outcome: z.enum(['pass', 'warn', 'fail', 'skip']),
      detail: z.string().optional().describe('What was seen; the cause where it did not pass'),
      mend: z.string().optional().describe('What mends it'),
    }),
  ),
})

export type CheckAnswer = z.infer<typeof answer>

// What `fnd support --json` answers.

import { z } from 'zod'

export const answer = z.object({
  file: z.string().describe('The archive'),
  bytes: z.int(),
  parts: z.array(
    z.object({
      file: z.string(),
      problem: z.string().optional().describe('Why it is not in the archive'),
    }),
  ),
})

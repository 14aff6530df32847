// What `fnd down --json` answers.

import { z } from 'zod'

export const answer = z.object({
  name: z.string(),
  removed: z.array(z.string()).describe('What was removed, one line each; empty when there was nothing'),
  kept: z.array(z.string()).optional().describe('What stays on purpose, and how to remove it, one line each'),
})

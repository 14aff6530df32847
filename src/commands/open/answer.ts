// What `fnd open --json` answers.

import { z } from 'zod'

export const answer = z.object({
  page: z.enum(['grafana', 'prometheus', 'docs']),
  url: z.string(),
  opened: z.boolean().describe('Whether a browser was started'),
})

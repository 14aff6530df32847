// What `fnd logs --json` prints: one document a line.

import { z } from 'zod'

export const row = z.object({
  component: z.enum(['backend', 'prometheus', 'grafana', 's3']),
  instance: z.string().describe('Process or pod'),
  text: z.string(),
})

// What `fnd status --json` answers.

import { z } from 'zod'

export const answer = z.object({
  name: z.string(),
  runtime: z
    .enum(['local', 'kind', 'cluster'])
    .optional()
    .describe('Absent where nothing was brought up under this name'),
  state: z.enum(['running', 'degraded', 'starting', 'failing', 'absent']),
  components: z.array(
    z.object({
      component: z.enum(['backend', 'prometheus', 'grafana', 's3']),
      instance: z.string().describe('Process or pod'),
      state: z.enum(['running', 'starting', 'failing', 'stopped', 'missing']),
      reason: z.string().optional(),
      version: z.string().optional(),
      url: z.string().optional(),
      restarts: z.int(),
      uptime: z.number().optional().describe('Seconds since it started'),
    }),
  ),
  notes: z.array(z.string()),
})

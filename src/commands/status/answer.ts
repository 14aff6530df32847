// What `fnd status --json` answers.

import { z } from 'zod'
import { canary } from '../../service/contract.ts'

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
  canary: canary.optional().describe('The version beside the one that serves, as the backend tells it'),
  notes: z.array(z.string()),
})

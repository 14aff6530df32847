// What `fnd up --json` answers.

import { z } from 'zod'
import { modelIdentity } from '../../service/contract.ts'

export const answer = z.object({
  name: z.string(),
  runtime: z.enum(['local', 'kind', 'cluster']),
  why: z.string().describe('Why this runtime was taken'),
  state: z
    .enum(['running', 'degraded', 'planned'])
    .describe('degraded: up, but something is missing; planned: --dry-run'),
  model: modelIdentity
    .optional()
    .describe(
      'What the backend serves, as it says itself; absent with --dry-run, or where it does not say it at once',
    ),
  actions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      outcome: z.enum(['changed', 'unchanged', 'skipped', 'degraded', 'planned']),
      detail: z.string().optional(),
      seconds: z.number().describe('How long it took'),
    }),
  ),
  endpoints: z
    .object({
      backend: z.string().optional(),
      prometheus: z.string().optional(),
      grafana: z.string().optional(),
      s3: z.string().optional(),
    })
    .describe('Addresses on this machine; none on an existing cluster, where `fnd open` forwards a port'),
  notes: z.array(z.string()),
  seconds: z.number().describe('How long it took in all'),
})

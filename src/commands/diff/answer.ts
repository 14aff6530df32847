// What `fnd diff --json` answers.

import { z } from 'zod'

export const answer = z.object({
  name: z.string(),
  runtime: z.enum(['local', 'kind', 'cluster']),
  changes: z.array(
    z.object({
      change: z.enum(['create', 'configure', 'remove']),
      object: z.string().describe('Kind, namespace and name'),
      diff: z.string().describe('Unified diff of YAML; secrets are fingerprints'),
    }),
  ),
})

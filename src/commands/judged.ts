// What the answers of `fnd health` and `fnd report` have in common: figures that may be missing, and findings.

import { z } from 'zod'

export const value = z.number().nullable().describe('null: there is none, e.g. no latency without traffic')

export const finding = z.object({
  level: z.enum(['bad', 'warning', 'info']),
  what: z.string(),
  cause: z.string().optional(),
  mend: z.string().optional(),
})

// What `fnd serve` prints: its log, one document a line.

import { z } from 'zod'

export const row = z
  .looseObject({
    level: z.enum(['fatal', 'error', 'warn', 'info', 'debug']),
    time: z.iso.datetime(),
    msg: z
      .string()
      .optional()
      .describe('What happened: listening, ready, request, stopping, stopped, defect'),
    requestId: z.string().optional(),
    method: z.string().optional(),
    route: z
      .string()
      .optional()
      .describe('The pattern of the address; "unknown" when nothing is served there'),
    status: z.int().optional(),
    ms: z.number().optional(),
  })
  .describe('One line of the log; texts are never logged')

// What `fnd model diff --json` prints.

import { z } from 'zod'

const side = z.object({ source: z.string(), name: z.string(), version: z.string(), sha256: z.string() })

export const answer = z.object({
  from: side,
  to: side,
  changes: z.array(
    z.object({
      what: z.string().describe('Dotted path: config.temperature, files.model.onnx, manifest.licence'),
      from: z.unknown().optional().describe('Absent when only the second has it'),
      to: z.unknown().optional().describe('Absent when only the first has it'),
    }),
  ),
})

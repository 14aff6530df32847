// What `fnd model verify --json` prints.

import { z } from 'zod'

export const answer = z.object({
  source: z.string(),
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  passed: z.boolean(),
  files: z.array(
    z.object({
      path: z.string(),
      size: z.int().min(0),
      problem: z.string().optional().describe('Absent when the file is what the manifest says'),
    }),
  ),
  selfTest: z.object({
    texts: z.int().min(0),
    problem: z.string().optional().describe('Absent when the answers are what the manifest says'),
  }),
})

// What `fnd model verify --json` prints.

import { z } from 'zod'
import { signatures } from '../signatures.ts'

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
  signature: z
    .object({
      signatures,
      problem: z.string().optional().describe('Absent when one is trusted, and when no key is named'),
    })
    .optional()
    .describe('For a model of a registry'),
  selfTest: z.object({
    texts: z.int().min(0),
    problem: z.string().optional().describe('Absent when the answers are what the manifest says'),
  }),
})

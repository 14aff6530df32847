// What `fnd model info --json` prints.

import { z } from 'zod'
import { aliasMove, canaryState } from '../../../registry/alias.ts'
import { signatures } from '../signatures.ts'

export const answer = z.object({
  source: z.string(),
  name: z.string(),
  version: z.string(),
  sha256: z.string().describe('SHA-256 of manifest.json: the identity of the bundle'),
  folder: z.string().optional().describe('Where it lies, for a model on this machine'),
  pushed: z.object({ at: z.iso.datetime(), by: z.string() }).optional().describe('For a model of a registry'),
  signatures: signatures.optional().describe('For a model of a registry'),
  files: z.array(z.object({ path: z.string(), size: z.int().min(0), sha256: z.string() })),
  selfTest: z.int().min(0).describe('Reference texts that it carries'),
  licence: z.string().optional(),
  metrics: z
    .record(z.string(), z.record(z.string(), z.number()))
    .optional()
    .describe('As the bundle states them'),
  canary: canaryState.optional().describe('For an alias: the version beside the one that it points to'),
  history: z
    .array(aliasMove.omit({ id: true }))
    .optional()
    .describe('For an alias: its moves, the newest first'),
})

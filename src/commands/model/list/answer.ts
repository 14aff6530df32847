// What `fnd model list --json` prints.

import { z } from 'zod'
import { canaryState } from '../../../registry/alias.ts'
import { signatures } from '../signatures.ts'

export const answer = z.object({
  address: z.string(),
  versions: z
    .array(
      z.object({
        version: z.string(),
        sha256: z.string(),
        at: z.iso.datetime().describe('When it was pushed'),
        by: z.string(),
        bytes: z.int().min(0),
        aliases: z.array(z.string()),
        signatures: signatures.optional(),
      }),
    )
    .describe('The newest first'),
  aliases: z.array(
    z.object({
      alias: z.string(),
      version: z.string(),
      at: z.iso.datetime(),
      by: z.string(),
      canary: canaryState.optional(),
    }),
  ),
  damaged: z
    .array(z.object({ what: z.string().describe('@version or #alias'), problem: z.string() }))
    .describe('What is there but cannot be read'),
})

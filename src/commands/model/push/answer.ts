// What `fnd model push --json` prints.

import { z } from 'zod'

export const answer = z.object({
  address: z.string().describe('The version: s3://bucket/prefix/name@version'),
  version: z.string(),
  sha256: z.string().describe('SHA-256 of manifest.json: the identity of the bundle'),
  created: z.boolean().describe('False when the same bundle was there already, and with --dry-run'),
  dryRun: z.boolean(),
  signature: z
    .object({
      key: z.string().describe('Id of the key that signed the manifest'),
      created: z.boolean().describe('False when it was there already, and with --dry-run'),
    })
    .optional()
    .describe('With --sign'),
  files: z.array(
    z.object({
      path: z.string(),
      size: z.int().min(0),
      uploaded: z.boolean().describe('False when it was in the registry already'),
    }),
  ),
})

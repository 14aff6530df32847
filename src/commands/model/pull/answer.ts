// What `fnd model pull --json` prints.

import { z } from 'zod'

export const answer = z.object({
  address: z.string(),
  name: z.string(),
  version: z.string(),
  sha256: z.string().describe('SHA-256 of manifest.json: the identity of the bundle'),
  stale: z.boolean().describe('The registry was not asked: this is what the alias meant last'),
  folder: z.string().describe('Where the verified bundle lies'),
  bytes: z.int().min(0),
})

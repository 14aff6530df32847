// What `fnd model keygen --json` prints.

import { z } from 'zod'

export const answer = z.object({
  key: z.string().describe('Id of the pair: the first 16 hex digits of the SHA-256 of the public key (SPKI)'),
  privateFile: z.string().describe('PKCS#8 in PEM; only its owner may read it'),
  publicFile: z.string().describe('SPKI in PEM'),
  publicKey: z.string().describe('The public key in one line, as registry.trustedKeys takes it'),
})

// What `fnd render --json` answers.

import { z } from 'zod'

export const answer = z.object({
  objects: z
    .array(
      z.looseObject({
        apiVersion: z.string(),
        kind: z.string(),
        metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
      }),
    )
    .describe('The Kubernetes objects, in the order to apply them'),
  image: z.string().describe('The backend image that they name'),
  files: z.array(z.string()).optional().describe('The files written, with --output-dir'),
  imageContext: z.string().optional().describe('The folder of the build context, with --image-context'),
})

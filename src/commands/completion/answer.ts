// What `fnd completion --json` prints.

import { z } from 'zod'

export const answer = z.object({ shell: z.enum(['bash', 'zsh', 'fish']), script: z.string() })

export type CompletionAnswer = z.infer<typeof answer>

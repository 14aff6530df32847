// What `info`, `list` and `verify` say of who signed a version.

import { z } from 'zod'

export const signatures = z.array(
  z.object({
    key: z.string().describe('Id of the key that it says it is made with'),
    standing: z
      .enum(['valid', 'invalid', 'unknown', 'unchecked'])
      .describe('unknown: not a key of registry.trustedKeys; unchecked: that names none'),
  }),
)

/** The signatures as a terminal shows them; undefined where there are none. */
export function signaturesText(judged: z.infer<typeof signatures> | undefined): string | undefined {
  const said = {
    valid: 'trusted',
    invalid: 'does NOT match',
    unknown: 'not a trusted key',
    unchecked: 'not checked',
  }
  return judged?.map(({ key, standing }) => `${key} (${said[standing]})`).join(', ') || undefined
}

// What promote and rollback answer: where the alias pointed and where it points now.

import { z } from 'zod'
import type { Paint } from '../../output/paint.ts'
import { oneLine } from '../../output/prose.ts'

export const aliasMoved = z.object({
  address: z.string().describe('The alias: s3://bucket/prefix/name#alias'),
  from: z.string().optional().describe('Absent when the alias is new'),
  to: z.string(),
  sha256: z.string().describe('SHA-256 of the manifest of the version that it points to'),
  changed: z.boolean().describe('False when it pointed there already'),
})

/** One line: what was done. */
export function renderMoved(
  { address, from, to, changed }: z.infer<typeof aliasMoved>,
  paint: Paint,
): string {
  if (!changed) return `${address} points to ${to} already`
  return `${address}: ${from === undefined ? '' : `${oneLine(from)} → `}${paint.bold(to)}`
}

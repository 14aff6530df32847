// How promote and rollback move an alias and what they answer: where it pointed and where it points now.

import { z } from 'zod'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import type { Paint } from '../../output/paint.ts'
import { oneLine } from '../../output/prose.ts'
import { addressText, type ModelAddress } from '../../registry/address.ts'
import type { Moved, MoveRequest } from '../../registry/alias.ts'
import type { ObjectStore } from '../../registry/store.ts'
import type { Context } from '../command.ts'
import { actor, registryOf, trustedBy } from './access.ts'

export const aliasMoved = z.object({
  address: z.string().describe('The alias: s3://bucket/prefix/name#alias'),
  from: z.string().optional().describe('Absent when the alias is new'),
  to: z.string(),
  sha256: z.string().describe('SHA-256 of the manifest of the version that it points to'),
  changed: z.boolean().describe('False when it pointed there already'),
})

/** Has `move` move the alias in the name of who runs this, and answers. */
export async function moveAlias(
  address: ModelAddress,
  alias: string,
  why: string | undefined,
  ctx: Context,
  move: (store: ObjectStore, request: MoveRequest) => Promise<Moved>,
): Promise<ExitCode> {
  const trusted = await trustedBy(ctx)
  using store = await registryOf(address, ctx)
  const { now, signal } = ctx
  const moved = await move(store, { address, alias, by: actor(), why, trusted, now, signal })
  ctx.out.answer<z.infer<typeof aliasMoved>>(
    { address: addressText({ ...address, alias }), ...moved },
    renderMoved,
  )
  return EXIT.good
}

/** One line: what was done. */
function renderMoved({ address, from, to, changed }: z.infer<typeof aliasMoved>, paint: Paint): string {
  if (!changed) return `${address} points to ${to} already`
  return `${address}: ${from === undefined ? '' : `${oneLine(from)} → `}${paint.bold(to)}`
}

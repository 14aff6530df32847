// How promote and rollback move an alias and what they answer: where it pointed, where it points now, what stands beside.

import { z } from 'zod'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import type { Paint } from '../../output/paint.ts'
import { oneLine } from '../../output/prose.ts'
import { addressText, type ModelAddress } from '../../registry/address.ts'
import { canaryState, type Moved, type MoveRequest } from '../../registry/alias.ts'
import type { ObjectStore } from '../../registry/store.ts'
import { canaryDoes } from '../canary-text.ts'
import type { Context } from '../command.ts'
import { actor, registryOf, trustedBy } from './access.ts'

export const aliasMoved = z.object({
  address: z.string().describe('The alias: s3://bucket/prefix/name#alias'),
  from: z.string().optional().describe('Absent when the alias is new'),
  to: z.string().describe('What it points to now; a canary leaves it where it is'),
  sha256: z.string().describe('SHA-256 of the manifest of the version that it points to'),
  changed: z.boolean().describe('False when it was so already'),
  canary: canaryState.optional().describe('The version that stands beside it now'),
  withdrawn: z.string().optional().describe('The version that stood beside it and was taken away'),
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

/** A canary in a few words: "0.2.0 answers 10 % of the texts". */
export function canaryText({
  version,
  mode,
  share,
}: Pick<z.infer<typeof canaryState>, 'version' | 'mode' | 'share'>): string {
  const does = `${version} ${canaryDoes({ mode, share })}`
  return mode === 'shadow' ? `${does}, its answers are only counted` : does
}

/** One line: what was done. */
function renderMoved(
  { address, from, to, changed, canary, withdrawn }: z.infer<typeof aliasMoved>,
  paint: Paint,
): string {
  if (canary) return `${address}: ${changed ? '' : 'as before, '}${paint.bold(oneLine(canaryText(canary)))}`
  if (!changed) return `${address} points to ${to} already`
  const gone = withdrawn === undefined ? '' : `the canary ${oneLine(withdrawn)} is gone`
  if (from === to) return `${address} stays at ${paint.bold(to)}: ${gone}`
  return `${address}: ${from === undefined ? '' : `${oneLine(from)} → `}${paint.bold(to)}${gone && `; ${gone}`}`
}

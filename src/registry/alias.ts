// Aliases: the only thing in a registry that moves. Each is one object, replaced as a whole only by who read its present state.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { FndError } from '../errors/error.ts'
import { excerpt } from '../errors/excerpt.ts'
import { addressText, isPlainName, keys, type ModelAddress } from './address.ts'
import { type Damaged, knownVersions, needVersion, problemOf } from './catalogue.ts'
import { demandTrust, signedVersion, type TrustedKey } from './signature.ts'
import type { ObjectStore } from './store.ts'

const move = z.object({
  /** Who moves an alias knows its own move by it, also when the answer to it got lost. */
  id: z.string(),
  at: z.iso.datetime(),
  by: z.string().describe('user@host'),
  /** Absent for the first one. */
  from: z.string().optional(),
  to: z.string(),
  kind: z.enum(['promote', 'rollback']),
  why: z.string().optional(),
})

export type AliasMove = z.infer<typeof move>

/** What an alias points to, and how it came to. */
export const aliasState = z.object({
  schema: z.literal(1),
  version: z.string(),
  /** SHA-256 of that version's manifest. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The newest first; bounded. */
  history: z.array(move).min(1),
})

export type AliasState = z.infer<typeof aliasState>

/** Moves that are remembered. */
const HISTORY = 100

/** Attempts to move an alias that others move too, and the longest pause between two. */
const TRIES = 30
const LONGEST_PAUSE_MS = 400

export interface MoveRequest {
  address: ModelAddress
  alias: string
  by: string
  why?: string | undefined
  /** Of these keys one must have signed what the alias is to point to; none: nothing is demanded. */
  trusted: readonly TrustedKey[]
  now: () => number
  signal: AbortSignal
}

export interface Moved {
  /** Absent when the alias is new. */
  from?: string
  to: string
  sha256: string
  /** False when it pointed there already. */
  changed: boolean
}

/** The state of an alias and the tag to replace it by; undefined where there is none. */
export async function readAlias(
  store: ObjectStore,
  address: ModelAddress,
  alias: string,
): Promise<{ state: AliasState; etag: string } | undefined> {
  const found = await store.text(keys.alias(address, alias))
  return found && { state: parseAlias(found.text, addressText({ ...address, alias })), etag: found.etag }
}

/**
 * Parses an alias's object.
 *
 * @throws FndError FND_REGISTRY_DAMAGED.
 */
export function parseAlias(text: string, what: string): AliasState {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new FndError('FND_REGISTRY_DAMAGED', { what, problem: 'it is not JSON' })
  }
  const parsed = aliasState.safeParse(value)
  if (parsed.success) return parsed.data
  throw new FndError('FND_REGISTRY_DAMAGED', { what, problem: excerpt(z.prettifyError(parsed.error)) })
}

/** The aliases of a model, by name; those that are damaged apart. */
export async function listAliases(
  store: ObjectStore,
  address: ModelAddress,
): Promise<{ aliases: Map<string, AliasState>; damaged: Damaged }> {
  const aliases = new Map<string, AliasState>()
  const damaged: Damaged = new Map()
  const prefix = keys.aliases(address)
  for await (const { key } of store.list(prefix)) {
    const alias = /^([^/]+)\.json$/.exec(key.slice(prefix.length))?.[1]
    if (alias === undefined || !isPlainName(alias)) continue
    try {
      const read = await readAlias(store, address, alias)
      if (read) aliases.set(alias, read.state)
    } catch (error) {
      damaged.set(alias, problemOf(error))
    }
  }
  return { aliases, damaged }
}

/**
 * Points the alias to a version.
 *
 * @throws FndError FND_VERSION_UNKNOWN, FND_ALIAS_CONTESTED, FND_MODEL_UNTRUSTED.
 */
export async function promote(store: ObjectStore, version: string, request: MoveRequest): Promise<Moved> {
  return moveAlias(store, 'promote', request, () => version)
}

/**
 * Points the alias back to the version before its present one, or to the one that is named. Called twice it goes back two
 * versions, never forth again.
 *
 * @throws FndError FND_ALIAS_UNKNOWN, FND_ALIAS_FIRST, FND_VERSION_UNKNOWN, FND_ALIAS_CONTESTED, FND_MODEL_UNTRUSTED.
 */
export async function rollback(
  store: ObjectStore,
  to: string | undefined,
  request: MoveRequest,
): Promise<Moved> {
  const { address, alias } = request
  return moveAlias(store, 'rollback', request, async (state) => {
    if (!state) throw await unknownAlias(store, { ...address, alias })
    const before = to ?? versionBefore(state)
    if (before === undefined)
      throw new FndError('FND_ALIAS_FIRST', { address: addressText({ ...address, alias }) })
    return before
  })
}

/** The version that a roll-back leads to: promotions pile up, roll-backs take from the pile. */
export function versionBefore({ history }: AliasState): string | undefined {
  const pile: string[] = []
  for (const { kind, from, to } of history.toReversed()) {
    // The oldest moves are forgotten in time: what they left is where the next one started.
    if (pile.length === 0 && from !== undefined) pile.push(from)
    if (kind === 'promote') pile.push(to)
    else if (pile.includes(to)) pile.length = pile.lastIndexOf(to) + 1
    else pile.splice(0, pile.length, to)
  }
  return pile.at(-2)
}

export async function unknownAlias(
  store: ObjectStore,
  address: ModelAddress & { alias: string },
): Promise<FndError> {
  const { aliases, damaged } = await listAliases(store, address)
  const known = [...aliases.keys(), ...damaged.keys()]
  return new FndError('FND_ALIAS_UNKNOWN', { address: addressText(address), known })
}

async function moveAlias(
  store: ObjectStore,
  kind: AliasMove['kind'],
  { address, alias, by, why, trusted, now, signal }: MoveRequest,
  target: (state: AliasState | undefined) => string | Promise<string>,
): Promise<Moved> {
  const key = keys.alias(address, alias)
  const id = randomUUID()
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const before = await readAlias(store, address, alias)
    const own = before?.state.history.find((step) => step.id === id)
    if (before && own) return moved(own, before.state.sha256)
    const from = before?.state.version
    const to = await target(before?.state)
    const sha256 = await manifestHash(store, address, to, trusted)
    if (from === to) return { from, to, sha256, changed: false }
    const step: AliasMove = {
      id,
      at: new Date(now()).toISOString(),
      by,
      ...(from === undefined ? {} : { from }),
      to,
      kind,
      ...(why === undefined ? {} : { why }),
    }
    const state: AliasState = {
      schema: 1,
      version: to,
      sha256,
      history: [step, ...(before?.state.history ?? [])].slice(0, HISTORY),
    }
    const text = `${JSON.stringify(state, null, 2)}\n`
    const won = before ? await store.replace(key, text, before.etag) : await store.create(key, text)
    if (won) return moved(step, sha256)
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 20 * 2 ** attempt), undefined, { signal })
  }
  throw new FndError('FND_ALIAS_CONTESTED', { address: addressText({ ...address, alias }), tries: TRIES })
}

function moved({ from, to }: AliasMove, sha256: string): Moved {
  return { ...(from === undefined ? {} : { from }), to, sha256, changed: true }
}

/** The hash that identifies a version, from its manifest's metadata; where trust is demanded, of the manifest itself. */
async function manifestHash(
  store: ObjectStore,
  address: ModelAddress,
  version: string,
  trusted: readonly TrustedKey[],
): Promise<string> {
  if (trusted.length > 0) {
    const entry = await needVersion(store, address, version)
    demandTrust(await signedVersion(store, address, entry), trusted)
    return entry.sha256
  }
  const facts = await store.facts(keys.manifest(address, version))
  if (!facts)
    throw new FndError('FND_VERSION_UNKNOWN', {
      address: addressText({ ...address, version }),
      known: await knownVersions(store, address),
    })
  const { sha256 } = facts.metadata
  if (!sha256)
    throw new FndError('FND_REGISTRY_DAMAGED', {
      what: addressText({ ...address, version }),
      problem: 'its manifest was not written by fnd model push',
    })
  return sha256
}

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

export const aliasMove = z.object({
  /** Who moves an alias knows its own move by it, also when the answer to it got lost. */
  id: z.string(),
  at: z.iso.datetime(),
  by: z.string().describe('user@host'),
  from: z.string().optional().describe('Absent for the first one'),
  to: z.string(),
  kind: z
    .enum(['promote', 'rollback', 'canary', 'withdraw'])
    .describe('promote and rollback move the alias; canary sets a version beside it, withdraw takes it away'),
  share: z.number().optional().describe('Of a canary: the share of texts that it answers; 0 for a shadow'),
  why: z.string().optional(),
})

export type AliasMove = z.infer<typeof aliasMove>

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A version that stands beside the one that serves. */
export const canaryState = z.object({
  version: z.string(),
  sha256: sha256.describe('SHA-256 of the manifest of that version'),
  mode: z
    .enum(['canary', 'shadow'])
    .describe('canary: it answers its share of the texts; shadow: its answers are only counted'),
  share: z.number().min(0).max(1).describe('Share of the texts that it answers; 0 in shadow mode'),
  since: z.iso.datetime().describe('Since when it stands there with this share'),
})

export type CanaryState = z.infer<typeof canaryState>

/** What an alias points to, and how it came to. */
export const aliasState = z.object({
  schema: z.literal(1),
  version: z.string(),
  /** SHA-256 of that version's manifest. */
  sha256,
  canary: canaryState.optional(),
  /** The newest first; bounded. */
  history: z.array(aliasMove).min(1),
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
  /** The canary that must stand there now, by the SHA-256 of its manifest and its moment: else nothing is moved. */
  canary?: Pick<CanaryState, 'sha256' | 'since'> | undefined
}

export interface Moved {
  /** Absent when the alias is new. */
  from?: string
  /** What it points to now; a canary leaves it where it is. */
  to: string
  sha256: string
  /** False when it was so already. */
  changed: boolean
  /** The version that stands beside it now. */
  canary?: CanaryState
  /** The version that stood beside it and was taken away. */
  withdrawn?: string
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
 * Points the alias to a version; a canary ends.
 *
 * @throws FndError FND_VERSION_UNKNOWN, FND_ALIAS_CONTESTED, FND_CANARY_MOVED, FND_MODEL_UNTRUSTED.
 */
export async function promote(store: ObjectStore, version: string, request: MoveRequest): Promise<Moved> {
  return moveAlias(store, 'promote', request, () => ({ to: version }))
}

/**
 * Sets a version beside the one that the alias points to: it answers `share` of the texts, or none of them (shadow).
 *
 * @throws FndError FND_ALIAS_UNKNOWN, FND_CANARY_SERVES, FND_VERSION_UNKNOWN, FND_ALIAS_CONTESTED, FND_MODEL_UNTRUSTED.
 */
export async function setCanary(
  store: ObjectStore,
  version: string,
  { mode, share }: Pick<CanaryState, 'mode' | 'share'>,
  request: MoveRequest,
): Promise<Moved> {
  const { address, alias } = request
  return moveAlias(store, 'canary', request, async (state) => {
    if (!state) throw await unknownAlias(store, { ...address, alias })
    if (state.version === version)
      throw new FndError('FND_CANARY_SERVES', { address: addressText({ ...address, alias }), version })
    return { to: state.version, canary: { version, mode, share } }
  })
}

/**
 * Takes a canary away, where there is one. Else points the alias back to the version before its present one, or to the
 * one that is named. Called twice it goes back two versions, never forth again.
 *
 * @throws FndError FND_ALIAS_UNKNOWN, FND_ALIAS_FIRST, FND_VERSION_UNKNOWN, FND_ALIAS_CONTESTED, FND_CANARY_MOVED,
 *   FND_MODEL_UNTRUSTED.
 */
export async function rollback(
  store: ObjectStore,
  to: string | undefined,
  request: MoveRequest,
): Promise<Moved> {
  const { address, alias } = request
  return moveAlias(store, 'rollback', request, async (state) => {
    if (!state) throw await unknownAlias(store, { ...address, alias })
    const before = to ?? (state.canary ? state.version : versionBefore(state))
    if (before === undefined)
      throw new FndError('FND_ALIAS_FIRST', { address: addressText({ ...address, alias }) })
    return { to: before }
  })
}

/** The version that a roll-back leads to: promotions pile up, roll-backs take from the pile. */
export function versionBefore({ history }: AliasState): string | undefined {
  const pile: string[] = []
  for (const { kind, from, to } of history.toReversed()) {
    if (kind === 'canary' || kind === 'withdraw') continue
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

/** What a move leads to. */
interface Target {
  to: string
  canary?: Pick<CanaryState, 'version' | 'mode' | 'share'>
}

async function moveAlias(
  store: ObjectStore,
  kind: 'promote' | 'rollback' | 'canary',
  { address, alias, by, why, trusted, now, signal, canary: expected }: MoveRequest,
  target: (state: AliasState | undefined) => Target | Promise<Target>,
): Promise<Moved> {
  const key = keys.alias(address, alias)
  const id = randomUUID()
  let attempted: Moved | undefined
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const before = await readAlias(store, address, alias)
    if (attempted && before?.state.history.some((step) => step.id === id)) return attempted
    const present = before?.state.canary
    if (expected && (present?.sha256 !== expected.sha256 || present.since !== expected.since))
      throw new FndError('FND_CANARY_MOVED', { address: addressText({ ...address, alias }) })
    const { to, canary: wanted } = await target(before?.state)
    const from = before?.state.version
    const at = new Date(now()).toISOString()
    const canary = wanted && {
      ...wanted,
      sha256: await manifestHash(store, address, wanted.version, trusted),
      since: at,
    }
    const stands = present?.sha256 === canary?.sha256
    const moved: Moved = {
      ...(from === undefined ? {} : { from }),
      to,
      // Where it stays, nothing is asked anew: a canary can always be taken away, and what was promoted stays what it was.
      sha256:
        before && from === to && kind !== 'promote'
          ? before.state.sha256
          : await manifestHash(store, address, to, trusted),
      changed: true,
      ...(canary ? { canary } : {}),
      ...(present && !stands && to !== present.version ? { withdrawn: present.version } : {}),
    }
    if (from === to && stands && present?.share === canary?.share && present?.mode === canary?.mode)
      return { ...moved, changed: false, ...(present ? { canary: present } : {}) }
    const step: AliasMove = {
      id,
      at,
      by,
      ...(canary
        ? { from: to, to: canary.version, kind, share: canary.share }
        : present && from === to
          ? { from: present.version, to, kind: 'withdraw' }
          : { ...(from === undefined ? {} : { from }), to, kind }),
      ...(why === undefined ? {} : { why }),
    }
    const state: AliasState = {
      schema: 1,
      version: to,
      sha256: moved.sha256,
      ...(canary ? { canary } : {}),
      history: [step, ...(before?.state.history ?? [])].slice(0, HISTORY),
    }
    const text = `${JSON.stringify(state, null, 2)}\n`
    attempted = moved
    const won = before ? await store.replace(key, text, before.etag) : await store.create(key, text)
    if (won) return moved
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 20 * 2 ** attempt), undefined, { signal })
  }
  throw new FndError('FND_ALIAS_CONTESTED', { address: addressText({ ...address, alias }), tries: TRIES })
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

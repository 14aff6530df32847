// Pulled models on this machine: one folder for each bundle, named by its manifest's hash, and what each address meant last.

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Paths } from '../config/paths.ts'
import { type Bundle, loadBundle, MANIFEST } from '../detector/bundle.ts'
import { type FndError, isFndError } from '../errors/error.ts'
import { addressText, type ModelReference } from './address.ts'
import {
  demandTrust,
  type Signature,
  type SignedManifest,
  signatureFile,
  signatureOf,
  type TrustedKey,
} from './signature.ts'

const meaning = z.object({
  address: z.string(),
  version: z.string(),
  sha256: z.string(),
  /** When the registry was last heard to say so. */
  at: z.iso.datetime(),
})

/** What an address meant when the registry was last heard. */
type Meaning = z.infer<typeof meaning>

export const modelsFolder = (paths: Pick<Paths, 'cache'>): string => join(paths.cache, 'models')

/** Where a bundle lies once it is whole and verified. */
export const bundleFolder = (paths: Pick<Paths, 'cache'>, sha256: string): string =>
  join(modelsFolder(paths), sha256)

/** What it has of signatures stands in this folder of it. */
export const SIGNATURES = 'signatures'

/** Where it is gathered until then. */
export const partialFolder = (paths: Pick<Paths, 'cache'>, sha256: string): string =>
  join(modelsFolder(paths), `${sha256}.partial`)

/**
 * The cached bundle, verified now; undefined where there is none, or one that was damaged since. Nothing is removed:
 * another process may be putting its own there at this moment.
 */
export async function cachedBundle(paths: Pick<Paths, 'cache'>, sha256: string): Promise<Bundle | undefined> {
  const folder = bundleFolder(paths, sha256)
  const manifest = await readFile(join(folder, MANIFEST)).catch(() => undefined)
  if (!manifest || createHash('sha256').update(manifest).digest('hex') !== sha256) return undefined
  try {
    return await loadBundle(folder)
  } catch (error) {
    if (isFndError(error, 'FND_MODEL_MISSING') || isFndError(error, 'FND_MODEL_CORRUPT')) return undefined
    throw error
  }
}

/** How far a version got here: its files were right, or it also passed its self-test and answered. */
export type Proof = 'pulled' | 'served'

/** Notes what an address means now. */
export async function remember(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
  { version, sha256, now }: { version: string; sha256: string; now: number },
  proof: Proof,
): Promise<void> {
  const file = meaningFile(paths, reference, proof)
  const value: Meaning = { address: addressText(reference), version, sha256, at: new Date(now).toISOString() }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeAside(file, JSON.stringify(value))
}

/** Writes a file in one step: nobody reads half of it. */
async function writeAside(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}`
  await writeFile(aside, text, { mode: 0o600 })
  await rename(aside, file)
}

export interface CopyRequest {
  /** Of these keys one must have signed the copy; none: nothing is demanded. */
  trusted: readonly TrustedKey[]
  prefer?: Proof | undefined
  /** Told of each copy that is passed over because it is not trusted. */
  refused?(error: FndError): void
}

/**
 * What an address last meant and the whole copy of it on this machine; undefined where there is none that is trusted.
 * `pulled` is what the registry said last, `served` what last answered here; without such a copy of the preferred one it
 * is the other.
 */
export async function lastCopy(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
  { trusted, prefer = 'pulled', refused }: CopyRequest,
): Promise<{ meaning: Meaning; bundle: Bundle } | undefined> {
  for (const proof of [prefer, prefer === 'pulled' ? 'served' : 'pulled'] as const) {
    const meaning = await read(paths, reference, proof)
    const bundle = meaning && (await cachedBundle(paths, meaning.sha256))
    if (!bundle) continue
    try {
      demandTrust(await keptManifest(bundle, addressText(reference)), trusted)
      return { meaning, bundle }
    } catch (error) {
      if (!isFndError(error, 'FND_MODEL_UNTRUSTED')) throw error
      refused?.(error)
    }
  }
  return undefined
}

/** Keeps signatures beside a cached bundle, so that trust can be asked for without the registry. */
export async function keepSignatures(bundle: Bundle, signatures: readonly Signature[]): Promise<void> {
  const folder = join(bundle.folder, SIGNATURES)
  const kept = await readdir(folder).catch((): string[] => [])
  for (const { key, text } of signatures) {
    if (kept.includes(signatureFile(key))) continue
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeAside(join(folder, signatureFile(key)), `${text}\n`)
  }
}

/** The manifest of a cached bundle with the signatures that came with it. */
async function keptManifest({ folder }: Bundle, address: string): Promise<SignedManifest> {
  const names = await readdir(join(folder, SIGNATURES)).catch((): string[] => [])
  const signatures = names.map(async (name) => {
    const key = signatureOf(name)
    const text = await readFile(join(folder, SIGNATURES, name), 'utf8').catch(() => '')
    return key === undefined ? [] : [{ key, text: text.trim() }]
  })
  return {
    address,
    manifest: await readFile(join(folder, MANIFEST), 'utf8'),
    signatures: (await Promise.all(signatures)).flat(),
  }
}

/**
 * Leaves the `keep` models that were wanted last, and those that an address meant or that were served; the others go, so
 * that a pod's cache does not grow with every version. What is being fetched stays.
 */
export async function forgetOld(paths: Pick<Paths, 'cache'>, keep: number): Promise<void> {
  const noted = await readdir(join(modelsFolder(paths), 'addresses')).catch(() => [])
  const meant = await Promise.all(
    noted.map(async (name) =>
      meaningIn(await readFile(join(modelsFolder(paths), 'addresses', name), 'utf8').catch(() => '')),
    ),
  )
  const bundles = await Promise.all(
    (await readdir(modelsFolder(paths)))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map(async (sha256) => ({ sha256, at: (await stat(bundleFolder(paths, sha256))).mtimeMs })),
  )
  const old = bundles.sort((a, b) => b.at - a.at).slice(keep)
  for (const { sha256 } of old)
    if (!meant.some((one) => one?.sha256 === sha256))
      await rm(bundleFolder(paths, sha256), { recursive: true, force: true })
}

/** Notes that a model was wanted now: `forgetOld` goes by it. */
export async function touch(paths: Pick<Paths, 'cache'>, sha256: string, now: number): Promise<void> {
  const time = now / 1000
  await utimes(bundleFolder(paths, sha256), time, time)
}

async function read(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
  proof: Proof,
): Promise<Meaning | undefined> {
  return meaningIn(await readFile(meaningFile(paths, reference, proof), 'utf8').catch(() => ''))
}

function meaningIn(text: string): Meaning | undefined {
  try {
    return meaning.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function meaningFile(paths: Pick<Paths, 'cache'>, reference: ModelReference, proof: Proof): string {
  const name = createHash('sha256').update(addressText(reference)).digest('hex').slice(0, 32)
  return join(modelsFolder(paths), 'addresses', `${name}.${proof}.json`)
}

// Pulled models on this machine: one folder for each bundle, named by its manifest's hash, and what each address meant last.

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Paths } from '../config/paths.ts'
import { type Bundle, loadBundle } from '../detector/bundle.ts'
import { isFndError } from '../errors/error.ts'
import { addressText, type ModelReference } from './address.ts'

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

/** Where it is gathered until then. */
export const partialFolder = (paths: Pick<Paths, 'cache'>, sha256: string): string =>
  join(modelsFolder(paths), `${sha256}.partial`)

/**
 * The cached bundle, verified now; undefined where there is none, or one that was damaged since. Nothing is removed:
 * another process may be putting its own there at this moment.
 */
export async function cachedBundle(paths: Pick<Paths, 'cache'>, sha256: string): Promise<Bundle | undefined> {
  const folder = bundleFolder(paths, sha256)
  const manifest = await readFile(join(folder, 'manifest.json')).catch(() => undefined)
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
  const aside = `${file}.${process.pid}`
  await writeFile(aside, JSON.stringify(value), { mode: 0o600 })
  await rename(aside, file)
}

/**
 * What an address last meant and the whole copy of it on this machine; undefined where there is none. `pulled` is what
 * the registry said last, `served` what last answered here; without a whole copy of the preferred one it is the other.
 */
export async function lastCopy(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
  preferred: Proof = 'pulled',
): Promise<{ meaning: Meaning; bundle: Bundle } | undefined> {
  for (const proof of [preferred, preferred === 'pulled' ? 'served' : 'pulled'] as const) {
    const meaning = await read(paths, reference, proof)
    const bundle = meaning && (await cachedBundle(paths, meaning.sha256))
    if (bundle) return { meaning, bundle }
  }
  return undefined
}

async function read(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
  proof: Proof,
): Promise<Meaning | undefined> {
  try {
    return meaning.parse(JSON.parse(await readFile(meaningFile(paths, reference, proof), 'utf8')))
  } catch {
    return undefined
  }
}

function meaningFile(paths: Pick<Paths, 'cache'>, reference: ModelReference, proof: Proof): string {
  const name = createHash('sha256').update(addressText(reference)).digest('hex').slice(0, 32)
  return join(modelsFolder(paths), 'addresses', `${name}.${proof}.json`)
}

// Pulled models on this machine: one folder for each bundle, named by its manifest's hash, and what each address meant last.

import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
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
export type Meaning = z.infer<typeof meaning>

export const modelsFolder = (paths: Pick<Paths, 'cache'>): string => join(paths.cache, 'models')

/** Where a bundle lies once it is whole and verified. */
export const bundleFolder = (paths: Pick<Paths, 'cache'>, sha256: string): string =>
  join(modelsFolder(paths), sha256)

/** Where it is gathered until then. */
export const partialFolder = (paths: Pick<Paths, 'cache'>, sha256: string): string =>
  join(modelsFolder(paths), `${sha256}.partial`)

/** The cached bundle, verified now; undefined where there is none. One that was damaged since is removed. */
export async function cachedBundle(paths: Pick<Paths, 'cache'>, sha256: string): Promise<Bundle | undefined> {
  const folder = bundleFolder(paths, sha256)
  try {
    return await loadBundle(folder)
  } catch (error) {
    if (!isFndError(error, 'FND_MODEL_MISSING') && !isFndError(error, 'FND_MODEL_CORRUPT')) throw error
    await rm(folder, { recursive: true, force: true })
    return undefined
  }
}

/** How far a version got here: its files were right, or it also passed its self-test and answered. */
type Proof = 'pulled' | 'served'

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

/** What an address meant when the registry was last heard: what was served, if anything was; undefined when it never was. */
export async function remembered(
  paths: Pick<Paths, 'cache'>,
  reference: ModelReference,
): Promise<Meaning | undefined> {
  return (await read(paths, reference, 'served')) ?? (await read(paths, reference, 'pulled'))
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

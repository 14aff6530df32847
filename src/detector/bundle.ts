// A model bundle: a folder whose files are what its manifest says, checked before anything of it is used.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { FndError, isFndError, messageOf } from '../errors/error.ts'
import { excerpt } from '../errors/excerpt.ts'
import { bundledFolder } from './bundled.ts'
import { NORMALIZATIONS } from './clean.ts'
import type { ModelIdentity } from './detector.ts'

/** What makes a folder a bundle. */
export const MANIFEST = 'manifest.json'

const fileName = z.string().regex(/^[A-Za-z0-9_][\w.-]*$/, 'must be a plain file name')
const probability = z.number().min(0.5).max(1)

/** Texts whose answers are known: a bundle that answers otherwise here does not run as it did where it was made. */
const selfTestSchema = z.object({
  /** Largest allowed distance from the expected probability. */
  tolerance: z.number().positive().max(0.5),
  /** `fake`: the calibrated probability of fake. */
  inputs: z.array(z.object({ text: z.string().min(1), fake: z.number().min(0).max(1) })).min(1),
})

/** The service takes each text of a reference into a histogram of its own: more would hold it up. */
const MOST_REFERENCE_TEXTS = 100_000
const referenceTexts = z.int().min(0).max(MOST_REFERENCE_TEXTS)

/** Texts in each bucket, not cumulated; the last count is beyond the last edge. */
const histogramSchema = z
  .object({ edges: z.array(z.number()).min(1).max(100), counts: z.array(referenceTexts) })
  .refine(({ edges, counts }) => counts.length === edges.length + 1, 'needs one count more than edges')
  .refine(
    ({ counts }) => counts.reduce((sum, count) => sum + count, 0) <= MOST_REFERENCE_TEXTS,
    `counts more than ${MOST_REFERENCE_TEXTS} texts`,
  )

/** What the bundle answered on texts like those it is made for; what it answers in service is compared with it. */
const referenceSchema = z.object({
  texts: referenceTexts.min(1),
  from: z.string(),
  labels: z.record(z.string(), z.number().min(0).max(1)),
  confidence: histogramSchema,
  tokens: histogramSchema,
})

export type ReferenceDistribution = z.output<typeof referenceSchema>

const manifestSchema = z.looseObject({
  schema: z.literal(1),
  name: z.string().min(1),
  version: z.string().min(1),
  files: z
    .array(
      z.object({
        path: fileName,
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'),
      }),
    )
    .min(1),
  selfTest: selfTestSchema.optional(),
  referenceDistribution: referenceSchema.optional(),
})

/** What a bundle says of itself; fields that this version of fnd does not know are kept. */
export type Manifest = z.output<typeof manifestSchema>

const configSchema = z.object({
  schema: z.literal(1),
  labels: z.tuple([z.literal('real'), z.literal('fake')]),
  outputs: z.object({ logits: z.string() }),
  /** Tokens that the model takes, `[CLS]` and `[SEP]` among them. */
  maxTokens: z.int().min(8),
  /** Tokens from the start of one window to the start of the next. */
  windowStride: z.int().min(1),
  pooling: z.literal('mean of window logits, weighted by tokens'),
  temperature: z.number().positive(),
  thresholds: z.object({
    /** Confidence from which there is a verdict. */
    accept: probability,
    /** The same for a verdict of Fake, where it asks for more. */
    fake: probability.optional(),
    /** `accept` for a headline alone; one of Fake asks for as much more. */
    headline: probability,
    headlineMaxWords: z.int().min(0),
    minWords: z.int().min(0),
  }),
  languages: z.tuple([z.literal('en')]),
  normalization: z.enum(NORMALIZATIONS, {
    error: ({ input }) =>
      `this version of fnd cleans texts as ${NORMALIZATIONS.join(' or ')}, not as ${JSON.stringify(input)}`,
  }),
  minChars: z.int().min(1),
  maxChars: z.int().min(1),
})

/** How the model is to be fed and its logits to be read. */
export type BundleConfig = z.output<typeof configSchema>

/** A verified bundle. */
export interface Bundle {
  folder: string
  /** Names of all its files, manifest.json among them. */
  files: readonly string[]
  identity: ModelIdentity
  config: BundleConfig
  manifest: Manifest
}

const NEEDED = ['model.onnx', 'tokenizer.json', 'config.json'] as const

/** Which bundle a folder says it is. */
async function readManifest(place: string) {
  const folder = bundledFolder(place) ?? resolve(place)
  const bytes = await bytesOf(folder, MANIFEST)
  const manifest = parseManifest(bytes.toString('utf8'), join(folder, MANIFEST))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const identity: ModelIdentity = { name: manifest.name, version: manifest.version, sha256 }
  return { folder, manifest, identity }
}

/** A file of a bundle; `problem` is absent when it is what the manifest says. */
export interface InspectedFile {
  path: string
  size: number
  problem?: string
}

/**
 * Compares every file of a bundle with its manifest, as loadBundle does, and tells of each.
 *
 * @throws FndError FND_MODEL_MISSING, FND_MODEL_UNUSABLE for its manifest.
 */
export async function inspectBundle(
  place: string,
): Promise<{ identity: ModelIdentity; files: InspectedFile[] }> {
  const { folder, manifest, identity } = await readManifest(place)
  const files = manifest.files.map(async (file): Promise<InspectedFile> => {
    const { path, size } = file
    try {
      await verify(folder, file)
      return { path, size }
    } catch (error) {
      if (isFndError(error, 'FND_MODEL_MISSING')) return { path, size, problem: 'it is not there' }
      if (!isFndError(error, 'FND_MODEL_CORRUPT')) throw error
      const { found, expected } = error.params
      return { path, size, problem: `${found}, not ${expected}` }
    }
  })
  return { identity, files: await Promise.all(files) }
}

/**
 * Reads a bundle and compares the size and SHA-256 of every file with its manifest.
 *
 * @param place the name of one that ships with fnd (`bundled`, `base`, `fast`), else a folder.
 * @param options `hashed`: the caller has just compared the files with the manifest.
 * @throws FndError FND_MODEL_MISSING, FND_MODEL_CORRUPT (with the file and both hashes), FND_MODEL_UNUSABLE for a
 *   manifest or config of another form.
 */
export async function loadBundle(place: string, { hashed = false } = {}): Promise<Bundle> {
  const { folder, manifest, identity } = await readManifest(place)
  for (const name of NEEDED) {
    if (!manifest.files.some((file) => file.path === name))
      throw new FndError('FND_MODEL_MISSING', { place: folder, missing: `${name} in the manifest` })
  }
  if (!hashed) await Promise.all(manifest.files.map((file) => verify(folder, file)))
  const config = parseConfig(
    (await bytesOf(folder, 'config.json')).toString('utf8'),
    join(folder, 'config.json'),
  )
  return {
    folder,
    files: [MANIFEST, ...manifest.files.map((file) => file.path)],
    identity,
    config,
    manifest,
  }
}

/** Parses the text of a manifest; `what` names it in errors. @throws FndError FND_MODEL_UNUSABLE. */
export function parseManifest(text: string, what: string): Manifest {
  return parseAs(manifestSchema, text, what)
}

/** Parses the text of a bundle's config.json. @throws FndError FND_MODEL_UNUSABLE. */
export function parseConfig(text: string, what: string): BundleConfig {
  const config = parseAs(configSchema, text, what)
  if (config.windowStride > config.maxTokens - 2)
    throw unusable(what, 'windowStride: windows would leave tokens out')
  return config
}

type ManifestFile = Manifest['files'][number]

async function verify(folder: string, file: ManifestFile): Promise<void> {
  const path = join(folder, file.path)
  const { size } = await stat(path).catch((cause: unknown) => {
    throw missing(folder, file.path, cause)
  })
  const hash = createHash('sha256')
  try {
    // Large pieces: 64 KB ones make hashing 23 MB take twice as long.
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  } catch (cause) {
    throw missing(folder, file.path, cause)
  }
  const sha256 = hash.digest('hex')
  if (size !== file.size || sha256 !== file.sha256)
    throw new FndError('FND_MODEL_CORRUPT', {
      file: path,
      expected: `${file.size} bytes, SHA-256 ${file.sha256}`,
      found: `${size} bytes, SHA-256 ${sha256}`,
    })
}

async function bytesOf(folder: string, name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch((cause: unknown) => {
    throw missing(folder, name, cause)
  })
}

function parseAs<T>(schema: z.ZodType<T>, text: string, path: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unusable(path, excerpt(messageOf(cause)))
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw unusable(
    path,
    excerpt(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')),
  )
}

const missing = (place: string, name: string, cause: unknown): FndError =>
  new FndError('FND_MODEL_MISSING', { place, missing: name }, { cause })

const unusable = (place: string, why: string): FndError => new FndError('FND_MODEL_UNUSABLE', { place, why })

// The build context of the backend image: which files of this installation go into it, what it is called, and writing it.

import { createHash } from 'node:crypto'
import { chmod, constants, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Settings } from '../config/schema.ts'
import { loadBundle } from '../detector/bundle.ts'
import { DEFAULT_MODEL } from '../detector/bundled.ts'
import { FndError, isFndError, messageOf } from '../errors/error.ts'
import { packageRoot } from '../package.ts'
import { isRegistrySource } from '../registry/address.ts'
import { placePackages, SERVE_IMPORTS } from './packages.ts'

/** Processor of the node that runs the image, as Node names it. */
export type ImageArch = 'x64' | 'arm64'

export interface ImageRequest {
  arch: ImageArch
  /** Base image: anything with glibc and a supported `node` on its PATH. */
  base: string
  /** Model bundle: the name of one that ships with fnd, or a folder. */
  model: string
}

/** The model that goes into the image: one of a registry is fetched by the pods themselves, beside the bundled one. */
export const imageModel = ({ model }: Pick<Settings, 'model'>): string =>
  isRegistrySource(model) ? DEFAULT_MODEL : model

export interface ContextFile {
  /** Place in the context, with slashes. */
  path: string
  source: string
  bytes: number
  sha256: string
}

export interface ImageContext {
  /** Name and tag of the image: the tag is a hash of all that goes into it, so the same content has the same name. */
  reference: string
  /** For the build: `--build-arg BASE=…`. */
  base: string
  files: readonly ContextFile[]
  bytes: number
}

/** A registry that nothing can be pulled from by mistake: the image is built here and loaded, never fetched. */
export const REPOSITORY = 'localhost/fnd-backend'

/** What of a package no program reads at run time. */
const NOT_NEEDED = /\.(d\.)?[cm]?ts$|\.(map|md|markdown|flow)$|(^|\/)(\.[^/]*|test|tests|benchmarks?)\//
const ORT_BINARY = /\/onnxruntime-node\/bin\/napi-v\d+\/([^/]+)\/([^/]+)\//

/**
 * Lists and hashes what goes into the backend image: the compiled program, the packages that `serve` needs, the model,
 * and of ONNX Runtime only the binaries for Linux on `arch`.
 *
 * @throws FndError FND_INSTALLATION_INCOMPLETE; those of loadBundle for the model.
 */
export async function planImage({ arch, base, model }: ImageRequest): Promise<ImageContext> {
  const [packages, bundle] = await Promise.all([placePackages(packageRoot, SERVE_IMPORTS), loadBundle(model)])
  const sources = [
    ['Dockerfile', join(packageRoot, 'templates/image/Dockerfile')],
    ['package.json', join(packageRoot, 'package.json')],
    ...(await tree('bin', join(packageRoot, 'bin'))),
    ...(await tree('dist', join(packageRoot, 'dist'))),
    ...bundle.files.map((name) => [`model/${name}`, join(bundle.folder, name)] as const),
    ...(
      await Promise.all(packages.map(({ place, folder }) => tree(place.split(sep).join('/'), folder)))
    ).flat(),
  ] as const
  const files: ContextFile[] = []
  for (const [path, source] of sources) {
    if (path.startsWith('node_modules/') && NOT_NEEDED.test(path)) continue
    const binary = ORT_BINARY.exec(`/${path}`)
    if (binary && (binary[1] !== 'linux' || binary[2] !== arch)) continue
    files.push({ path, source, ...(await digest(source)) })
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const hash = createHash('sha256').update(`${base}\n`)
  for (const { path, sha256 } of files) hash.update(`${sha256} ${path}\n`)
  return {
    reference: `${REPOSITORY}:${hash.digest('hex').slice(0, 16)}`,
    base,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  }
}

/** Says that a folder was made by fnd, so that fnd may empty it. */
const MARKER = '.fnd-image-context'
/** Goes first and comes last: nothing can be built from a folder that is not whole. */
const BUILT_FROM = 'Dockerfile'
const isBuiltFrom = ({ path }: ContextFile) => path === BUILT_FROM

/**
 * Writes the context into a folder: a new one, an empty one, or one that holds an earlier context, which is replaced.
 *
 * @throws FndError FND_FOLDER_FOREIGN when anything else is in it; FND_FILE_UNWRITABLE.
 */
export async function writeContext(context: ImageContext, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 })
    const there = await readdir(folder)
    if (there.length && !there.includes(MARKER)) throw new FndError('FND_FOLDER_FOREIGN', { path: folder })
    await writeFile(join(folder, MARKER), '')
    const old = there.filter((name) => name !== MARKER)
    for (const name of [BUILT_FROM, ...old]) await rm(join(folder, name), { recursive: true, force: true })
    const [last, first] = [
      context.files.filter(isBuiltFrom),
      context.files.filter((file) => !isBuiltFrom(file)),
    ]
    for (const { path, source } of [...first, ...last]) {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true, mode: 0o755 })
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      // The image's user is not whoever installed fnd.
      await chmod(target, 0o644)
    }
  } catch (cause) {
    if (isFndError(cause)) throw cause
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
}

/** Files below a folder as [path in the context, source], packages inside it left out: they have places of their own. */
async function tree(place: string, folder: string): Promise<(readonly [string, string])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new FndError('FND_INSTALLATION_INCOMPLETE', { missing: folder }, { cause })
  })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((source) => [relative(folder, source).split(sep).join('/'), source] as const)
    .filter(([path]) => !/(^|\/)node_modules\//.test(path))
    .map(([path, source]) => [`${place}/${path}`, source] as const)
}

async function digest(source: string): Promise<{ bytes: number; sha256: string }> {
  const content = await readFile(source)
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

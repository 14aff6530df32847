// The images of a stack in a kind cluster: built or already here, loaded into the nodes only where they lack them.

import type { Settings } from '../../config/schema.ts'
import { FndError } from '../../errors/error.ts'
import { planImage, writeContext } from '../../image/context.ts'
import { imageReference } from '../../image/references.ts'
import type { RunCommand } from '../run-program.ts'
import type { Component, Progress } from '../runtime.ts'
import { type Engine, fullReference, type NodeContainer } from './engine.ts'

export const NOT_TO_BE_HAD = 'it is not in Docker, and --offline forbids to pull it'

export type StackImages = Record<Component, string>

/**
 * The backend image, built from this installation unless the engine has one of the same content already.
 *
 * @returns its reference, and whether it was built now.
 */
export async function buildBackendImage(
  engine: Engine,
  settings: Settings,
  folder: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ reference: string; built: boolean }> {
  if (settings.images.backend) return { reference: settings.images.backend, built: false }
  const base = imageReference('base', settings.images)
  const { arch } = await engine.info(signal)
  const context = await planImage({ arch, base, model: settings.model })
  if (await engine.imageId(context.reference, signal)) return { reference: context.reference, built: false }
  if (settings.offline && !(await engine.imageId(base, signal)))
    throw new FndError('FND_IMAGE_MISSING', { image: base, why: NOT_TO_BE_HAD })
  progress.update('staging')
  await writeContext(context, folder)
  await engine.build(
    { context: folder, reference: context.reference, base },
    (line) => progress.update(line.slice(0, 60)),
    signal,
  )
  return { reference: context.reference, built: true }
}

export interface Lacking {
  /** Docker has them: they can be loaded. */
  loadable: string[]
  /** Docker does not have them either. */
  absent: string[]
}

const LOAD_MS = 10 * 60_000

/** Which of the images some node does not have, and whether Docker has them. */
export async function lackingImages(
  engine: Engine,
  nodes: readonly NodeContainer[],
  images: readonly string[],
  signal: AbortSignal,
): Promise<Lacking> {
  const held = await Promise.all(nodes.map(({ name }) => engine.imagesOnNode(name, signal)))
  const lacking = images.filter((image) => !held.length || !held.every((on) => on.has(fullReference(image))))
  const local = await Promise.all(lacking.map((image) => engine.imageId(image, signal)))
  return {
    loadable: lacking.filter((_, index) => local[index]),
    absent: lacking.filter((_, index) => !local[index]),
  }
}

/** Loads images of Docker into every node of a cluster. */
export async function loadImages(
  kind: RunCommand,
  cluster: string,
  images: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!images.length) return
  await kind(['load', 'docker-image', '--name', cluster, ...images], { signal, patience: LOAD_MS })
}

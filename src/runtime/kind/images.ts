// The images of a stack in a kind cluster: built or already here, loaded into the nodes only where they lack them.

import type { Settings } from '../../config/schema.ts'
import { FndError, isFndError } from '../../errors/error.ts'
import { imageModel, planImage, writeContext } from '../../image/context.ts'
import { imageReference } from '../../image/references.ts'
import type { RunCommand } from '../run-program.ts'
import { COMPONENTS, type Component, type Progress } from '../runtime.ts'
import { type Engine, fullReference, type NodeContainer } from './engine.ts'

export const NOT_TO_BE_HAD = 'it is not in Docker, and offline nothing may be pulled'

/** The image of each component that the stack has. */
export type StackImages = Record<Exclude<Component, 's3'>, string> & { s3?: string }

/** The images of a stack whose backend image is this one, with or without an S3 server. */
export function imagesOf({ images }: Settings, backend: string, s3: boolean): StackImages {
  return {
    backend,
    prometheus: imageReference('prometheus', images),
    grafana: imageReference('grafana', images),
    ...(s3 && { s3: imageReference('s3', images) }),
  }
}

/** The images that `up` would use; nothing is built. */
export async function wantedImages(
  engine: Engine,
  settings: Settings,
  s3: boolean,
  signal: AbortSignal,
): Promise<StackImages> {
  if (settings.images.backend) return imagesOf(settings, settings.images.backend, s3)
  const { arch } = await engine.info(signal)
  const base = imageReference('base', settings.images)
  return imagesOf(settings, (await planImage({ arch, base, model: imageModel(settings) })).reference, s3)
}

/**
 * Components that cannot run because nothing may be pulled and their image is not here. The stack does without Grafana,
 * but for --strict.
 *
 * @throws FndError FND_IMAGE_MISSING for one that the stack cannot do without.
 */
export function leftOut(
  settings: Settings,
  images: Partial<StackImages>,
  absent: readonly string[],
): Component[] {
  if (!settings.offline) return []
  const left = COMPONENTS.filter((component) => absent.includes(images[component] ?? ''))
  const needed = left.find((component) => settings.strict || component !== 'grafana')
  if (needed)
    throw new FndError('FND_IMAGE_MISSING', {
      image: images[needed] ?? needed,
      why: NOT_TO_BE_HAD,
    })
  return left
}

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
  const context = await planImage({ arch, base, model: imageModel(settings) })
  if (await engine.imageId(context.reference, signal)) return { reference: context.reference, built: false }
  if (settings.offline && !(await engine.imageId(base, signal)))
    throw new FndError('FND_IMAGE_MISSING', { image: base, why: NOT_TO_BE_HAD })
  progress.update('staging')
  await writeContext(context, folder)
  try {
    await engine.build(
      { context: folder, reference: context.reference, base },
      (line) => progress.update(line.slice(0, 60)),
      signal,
    )
  } catch (cause) {
    if (!isFndError(cause, 'FND_COMMAND_FAILED') || !UNREACHABLE.test(cause.message)) throw cause
    const why = cause.message.split(' | ').at(-1) ?? cause.message
    throw new FndError('FND_IMAGE_MISSING', { image: base, why }, { cause })
  }
  return { reference: context.reference, built: true }
}

/** How Docker says that it could not pull an image: no network, no such image, no permission. */
const UNREACHABLE =
  /no such host|dial tcp|i\/o timeout|TLS handshake|manifest unknown|pull access denied|toomanyrequests|request canceled/i

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

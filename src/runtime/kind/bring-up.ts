// What `fnd up` does on kind: the cluster, the images that are built and loaded meanwhile, the manifests; and its undoing.

import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { FndError } from '../../errors/error.ts'
import { REPOSITORY } from '../../image/context.ts'
import { connect } from '../../kube/client.ts'
import { podRegistry } from '../../manifests/registry.ts'
import { applyAction } from '../kubernetes/actions.ts'
import { desiredObjects } from '../kubernetes/desired.ts'
import type { KubernetesStack } from '../kubernetes/stack.ts'
import { writeRecord } from '../record.ts'
import {
  type Action,
  COMPONENTS,
  type Component,
  type DownResult,
  type Progress,
  type RuntimeSetup,
} from '../runtime.ts'
import { type FindKind, type KindCluster, type Sight, wantsS3 } from './cluster.ts'
import type { Engine } from './engine.ts'
import {
  buildBackendImage,
  imagesOf,
  lackingImages,
  leftOut,
  loadImages,
  NOT_TO_BE_HAD,
  type StackImages,
} from './images.ts'

/** What the runtime kind is made of. */
export interface Kind {
  setup: RuntimeSetup
  engine: Engine
  kind: FindKind
  cluster: KindCluster
  stack: KubernetesStack
  /** The stack's state folder. */
  folder: string
}

const UNDO_MS = 120_000
const NODE_POLL_MS = 500
const SILENT: Progress = { update: () => {} }

/** The actions of `up`, in order. */
export function bringUp(parts: Kind): Action[] {
  const { engine, kind, cluster, stack, folder, setup } = parts
  const { settings, paths } = setup
  let images: StackImages | undefined
  let left: Component[] = []
  let early: Promise<void> = Promise.resolve()
  let fresh = false
  let s3 = false
  // One line of progress that several pieces of work share; loading goes on from one action into the next.
  let shown = SILENT
  const said = new Map<string, string>()
  const told = (work: string): Progress => ({
    update: (detail) => {
      said.set(work, detail)
      const all = [...said.values()].filter(Boolean).join(' | ')
      if (all) shown.update(all)
    },
  })
  const wanted = () => {
    if (!images) throw new Error('the images are not prepared')
    return images
  }
  const apply = applyAction(stack, {
    title: 'Apply the manifests',
    connect: (signal) => connect(cluster, signal),
    desired: (client) => desiredObjects(stack, { target: 'kind', images: wanted(), s3, client, left }),
  })
  return [
    {
      id: 'cluster',
      title: `Create the kind cluster ${cluster.name} and build the backend image`,
      run: async (progress, signal) => {
        const before = await cluster.look(signal)
        if (before.standing === 'foreign')
          throw new FndError('FND_CLUSTER_FOREIGN', { cluster: cluster.name })
        s3 = wantsS3(settings, before)
        portsFit(before, s3, setup)
        // What pods cannot reach is told before anything is made.
        podRegistry(settings, s3)
        fresh = before.standing !== 'own'
        writeRecord(paths, { name: settings.name, runtime: 'kind', ports: before.ports })

        shown = progress
        const both = new AbortController()
        const either = AbortSignal.any([signal, both.signal])
        const give = async <T>(work: Promise<T>): Promise<T> => {
          try {
            return await work
          } catch (error) {
            both.abort(error)
            throw error
          }
        }
        const building = give(buildBackendImage(engine, settings, `${folder}/image`, told('image'), either))
        const creating = give(cluster.ensure(told('cluster'), either))
        if (fresh) early = loadEarly(parts, { creating, building, s3 }, told('load'), either)
        try {
          const [created, image] = await settled(creating, building)
          images = imagesOf(settings, image.reference, s3)
          for (const work of ['cluster', 'image']) said.delete(work)
          const { ports } = await cluster.look(signal)
          writeRecord(paths, { name: settings.name, runtime: 'kind', ports })
          return {
            outcome: created || image.built ? 'changed' : 'unchanged',
            detail: `${created ? 'created' : 'stands'}, image ${image.built ? 'built' : 'unchanged'} (${image.reference})`,
          }
        } catch (error) {
          await early
          throw error
        } finally {
          await rm(`${folder}/image`, { recursive: true, force: true })
        }
      },
      // A cluster that stood before is left alone; anything else, whole or in part, is this run's own.
      undo: async () => {
        if (fresh) await takeDown(parts, SILENT, AbortSignal.timeout(UNDO_MS))
      },
    },
    {
      id: 'images',
      title: 'Load the images into the cluster',
      run: async (progress, signal) => {
        shown = progress
        await early
        const { nodes } = await cluster.look(signal)
        const { loadable, absent } = await lackingImages(engine, nodes, Object.values(wanted()), signal)
        left = leftOut(settings, wanted(), absent)
        progress.update(loadable.join(', '))
        await loadImages(await kind(signal, progress), cluster.name, loadable, signal)
        const told = [
          loadable.length && `loaded ${loadable.join(', ')}`,
          absent.length && !settings.offline && `the node pulls ${absent.join(', ')}`,
          left.length && `${left.join(', ')} left out: ${NOT_TO_BE_HAD}`,
        ].filter(Boolean)
        const outcome = left.length ? 'degraded' : loadable.length || fresh ? 'changed' : 'unchanged'
        return { outcome, detail: told.join('; ') || 'the cluster has them all' }
      },
    },
    {
      ...apply,
      undo: async () => {
        if (!fresh) await apply.undo?.()
      },
    },
  ]
}

/** Removes the cluster and all that is kept about it. */
export async function takeDown(
  { cluster, engine, folder }: Kind,
  progress: Progress,
  signal: AbortSignal,
): Promise<DownResult> {
  progress.update(`removing the cluster ${cluster.name}`)
  const removed = (await cluster.remove(progress, signal)) ? [`kind cluster ${cluster.name}`] : []
  await rm(folder, { recursive: true, force: true })
  const built = await engine.tags(REPOSITORY, signal).catch(() => [])
  const images = built.length === 1 ? 'the backend image' : `${built.length} backend images`
  const kept = built.length
    ? [
        `${images} in Docker, for the next \`fnd up\`; \`docker image rm $(docker image ls -q ${REPOSITORY})\` removes ${built.length === 1 ? 'it' : 'them'}`,
      ]
    : undefined
  return { removed, ...(kept && { kept }) }
}

/**
 * Loads images into nodes that are still being made: containerd runs long before Kubernetes does. Never fails: what it
 * has not brought, the action `images` does.
 */
async function loadEarly(
  { engine, kind, cluster, setup: { settings } }: Kind,
  {
    creating,
    building,
    s3: withS3,
  }: { creating: Promise<unknown>; building: Promise<{ reference: string }>; s3: boolean },
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const load = async (image: string) => {
    if (!(await engine.imageId(image, signal))) return
    progress.update(image)
    await loadImages(await kind(signal, progress), cluster.name, [image], signal)
  }
  try {
    await nodesTakeImages(engine, cluster, creating, signal)
    const { prometheus, grafana, s3 } = imagesOf(settings, '', withS3)
    const ready = async () => {
      for (const image of [prometheus, grafana, s3]) if (image) await load(image)
    }
    await Promise.allSettled([ready(), building.then(({ reference }) => load(reference))])
  } catch {
    // Interrupted, or the cluster could not be made: its own error tells.
  }
  progress.update('')
}

/** Waits until the nodes take images; once the cluster is made they do, or never will. */
async function nodesTakeImages(
  engine: Engine,
  cluster: KindCluster,
  creating: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let made = false
  const onMade = () => {
    made = true
  }
  creating.then(onMade, onMade)
  for (let last = false; !last; last = made) {
    try {
      const { nodes } = await cluster.look(signal)
      if (nodes.length) {
        await Promise.all(nodes.map(({ name }) => engine.imagesOnNode(name, signal)))
        return
      }
    } catch {
      // A node that has just been made, or is just going, does not answer.
      signal.throwIfAborted()
    }
    await sleep(NODE_POLL_MS, undefined, { signal })
  }
}

/** Both results, or the first error once both have ended: nothing goes on behind a failure. */
async function settled<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

/** @throws FndError FND_CLUSTER_PORTS: a standing cluster cannot be given other ports. */
function portsFit({ standing, ports }: Sight, s3: boolean, { settings }: RuntimeSetup): void {
  if (standing !== 'own') return
  if (s3 && ports.s3 === undefined)
    throw new FndError('FND_CLUSTER_PORTS', {
      component: 's3',
      wanted: settings.ports.s3,
      stack: settings.name,
    })
  for (const component of COMPONENTS) {
    const [wanted, port] = [settings.ports[component], ports[component]]
    if (port !== undefined && wanted !== 0 && wanted !== port)
      throw new FndError('FND_CLUSTER_PORTS', { component, port, wanted, stack: settings.name })
  }
}

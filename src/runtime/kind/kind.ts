// The runtime `kind`: a Kubernetes cluster in Docker, made for one stack and removed with it.

import { mkdir, rm } from 'node:fs/promises'
import { FndError } from '../../errors/error.ts'
import { imageReference } from '../../image/references.ts'
import { connect } from '../../kube/client.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import { applyObjects, changesOf, countsText, creation, waitForStack } from '../kubernetes/actions.ts'
import { afterChecks } from '../kubernetes/checks.ts'
import { desiredObjects, grafanaPassword } from '../kubernetes/desired.ts'
import { saveEvidence } from '../kubernetes/evidence.ts'
import { stackLogs } from '../kubernetes/logs.ts'
import { type KubernetesStack, kubernetesStack } from '../kubernetes/stack.ts'
import { observeComponents, stackState } from '../kubernetes/status.ts'
import { choosePorts } from '../ports.ts'
import { findProgram } from '../programs/find.ts'
import { writeRecord } from '../record.ts'
import { commandRunner, type RunCommand } from '../run-program.ts'
import {
  type Action,
  COMPONENTS,
  type Component,
  type Endpoints,
  type Progress,
  type Runtime,
  type RuntimeSetup,
} from '../runtime.ts'
import { beforeChecks } from './checks.ts'
import { type KindCluster, kindCluster } from './cluster.ts'
import { dockerEngine, type Engine } from './engine.ts'
import { buildBackendImage, lackingImages, loadImages, NOT_TO_BE_HAD, type StackImages } from './images.ts'

interface Kind {
  setup: RuntimeSetup
  engine: Engine
  kind: (signal: AbortSignal) => Promise<RunCommand>
  cluster: KindCluster
  stack: KubernetesStack
  folder: string
}

/** The runtime `kind` of the stack that the settings name. */
export function createKindRuntime(setup: RuntimeSetup): Runtime {
  const { settings, paths, env } = setup
  const folder = paths.stack(settings.name)
  const engine = dockerEngine(settings.programs.docker ?? 'docker', env)
  const kind = findKind(setup)
  const cluster = kindCluster({
    stack: settings.name,
    folder,
    ports: () => choosePorts(settings.ports, COMPONENTS, new Map()),
    nodeImage: settings.images.node,
    engine,
    kind,
    now: Date.now,
  })
  const stack = kubernetesStack(settings, paths, async (signal) => {
    const found = await cluster.nodes(signal)
    if (!found.some(({ running }) => running)) return undefined
    return (await cluster.standing(signal)) === 'own' ? connect(cluster, signal) : undefined
  })
  const parts: Kind = { setup, engine, kind, cluster, stack, folder }
  const standing = async (signal: AbortSignal) => {
    const client = await stack.connect(signal)
    if (!client) throw new FndError('FND_STACK_ABSENT', { name: settings.name })
    return client
  }
  const endpoints = (signal: AbortSignal) => endpointsOf(parts, signal)

  return {
    name: 'kind',
    why: setup.why,
    async *check(phase, signal) {
      if (phase === 'before') yield* beforeChecks({ engine, kind, cluster, settings, signal })
      else {
        const client = await standing(signal)
        yield* afterChecks({ client, stack, endpoints: await endpoints(signal), signal })
      }
    },
    plan: async () => ({ actions: bringUp(parts) }),
    changes: async (signal) => {
      const client = await stack.connect(signal)
      const images = await wantedImages(parts, signal)
      // What is going to be built cannot lack.
      const { backend, ...ready } = images
      const all = settings.images.backend ? [backend, ...Object.values(ready)] : Object.values(ready)
      const { absent } = await lackingImages(engine, await cluster.nodes(signal), all, signal)
      const left = leftOut(settings, images, absent)
      const desired = await desiredObjects(stack, { target: 'kind', images, client, left })
      return client ? changesOf(client, stack, desired) : desired.map(creation)
    },
    wait: async (progress, signal) =>
      waitForStack(await standing(signal), stack, endpoints, progress, signal),
    endpoints,
    status: async (signal) => {
      const absent = {
        name: settings.name,
        runtime: 'kind',
        state: 'absent',
        components: [],
        notes: [],
      } as const
      const client = await stack.connect(signal)
      if (!client) return { ...absent, components: [], notes: [] }
      const ports = await cluster.ports(signal)
      const urls = Object.fromEntries(
        Object.entries(ports).map(([component, port]) => [component, `http://127.0.0.1:${port}`]),
      )
      const components = await observeComponents(client, stack, urls)
      const notes = [`kubectl: export KUBECONFIG=${cluster.kubeconfig}`]
      return { ...absent, state: stackState(components), components, notes }
    },
    async *logs(request) {
      yield* stackLogs(await standing(request.signal), stack, request)
    },
    evidence: async (signal) => saveEvidence(await stack.connect(signal), stack),
    down: (progress, signal) => takeDown(parts, progress, signal),
  }
}

/** Finds kind once, when it is first needed. */
function findKind({ settings, paths, env }: RuntimeSetup): (signal: AbortSignal) => Promise<RunCommand> {
  let found: Promise<RunCommand> | undefined
  return (signal) => {
    const machine = { platform: process.platform, arch: process.arch }
    found ??= findProgram('kind', { settings, paths, env, signal, machine }, { update: () => {} }).then(
      ({ command }) => commandRunner(command, env),
    )
    return found
  }
}

function bringUp(parts: Kind): Action[] {
  const { engine, kind, cluster, stack, folder, setup } = parts
  const { settings, paths } = setup
  let images: StackImages | undefined
  let left: Component[] = []
  let made = false
  const wanted = () => {
    if (!images) throw new Error('the images are not prepared')
    return images
  }
  return [
    {
      id: 'cluster',
      title: `Create the kind cluster ${cluster.name} and build the backend image`,
      run: async (progress, signal) => {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        writeRecord(paths, { name: settings.name, runtime: 'kind' })
        await portsFit(parts, signal)
        const said = { cluster: '', image: '' }
        const told = (who: keyof typeof said): Progress => ({
          update: (detail) => {
            said[who] = detail
            progress.update([said.cluster, said.image].filter(Boolean).join(' | '))
          },
        })
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
        const [created, image] = await settled(
          give(cluster.ensure(told('cluster'), either)),
          give(buildBackendImage(engine, settings, `${folder}/image`, told('image'), either)),
        )
        made = created
        await rm(`${folder}/image`, { recursive: true, force: true })
        images = imagesOf(settings, image.reference)
        return {
          outcome: created || image.built ? 'changed' : 'unchanged',
          detail: `${created ? 'created' : 'stands'}, image ${image.built ? 'built' : 'unchanged'} (${image.reference})`,
        }
      },
      undo: async () => {
        if (made) await takeDown(parts, { update: () => {} }, AbortSignal.timeout(UNDO_MS))
      },
    },
    {
      id: 'images',
      title: 'Load the images into the cluster',
      run: async (progress, signal) => {
        const all = Object.values(wanted())
        const { loadable, absent } = await lackingImages(engine, await cluster.nodes(signal), all, signal)
        left = leftOut(settings, wanted(), absent)
        progress.update(loadable.join(', '))
        await loadImages(await kind(signal), cluster.name, loadable, signal)
        const told = [
          loadable.length && `loaded ${loadable.join(', ')}`,
          absent.length && !settings.offline && `the node pulls ${absent.join(', ')}`,
          left.length && `${left.join(', ')} left out: ${NOT_TO_BE_HAD}`,
        ].filter(Boolean)
        const outcome = left.length ? 'degraded' : loadable.length ? 'changed' : 'unchanged'
        return { outcome, detail: told.join('; ') || 'the cluster has them all' }
      },
    },
    {
      id: 'objects',
      title: 'Apply the manifests',
      run: async (progress, signal) => {
        const client = await connect(cluster, signal)
        const input = { target: 'kind' as const, images: wanted(), client, left }
        const done = await applyObjects(client, stack, await desiredObjects(stack, input), progress, () => {})
        const changed = done.created + done.configured + done.removed > 0
        return { outcome: changed ? 'changed' : 'unchanged', detail: countsText(done) }
      },
    },
  ]
}

const UNDO_MS = 120_000

/** Both results, or the first error once both have ended: nothing goes on behind a failure. */
async function settled<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

/** A standing cluster cannot be given other ports. */
async function portsFit({ cluster, setup }: Kind, signal: AbortSignal): Promise<void> {
  if ((await cluster.standing(signal)) !== 'own') return
  const has = await cluster.ports(signal)
  for (const component of COMPONENTS) {
    const [wanted, port] = [setup.settings.ports[component], has[component]]
    if (port !== undefined && wanted !== 0 && wanted !== port)
      throw new FndError('FND_CLUSTER_PORTS', { component, port, wanted, stack: setup.settings.name })
  }
}

function imagesOf({ images }: RuntimeSetup['settings'], backend: string): StackImages {
  return {
    backend,
    prometheus: imageReference('prometheus', images),
    grafana: imageReference('grafana', images),
  }
}

/** The images that `up` would use; nothing is built. */
async function wantedImages({ engine, setup }: Kind, signal: AbortSignal): Promise<StackImages> {
  const { settings } = setup
  if (settings.images.backend) return imagesOf(settings, settings.images.backend)
  const { planImage } = await import('../../image/context.ts')
  const { arch } = await engine.info(signal)
  const base = imageReference('base', settings.images)
  return imagesOf(settings, (await planImage({ arch, base, model: settings.model })).reference)
}

/**
 * Components that cannot run because nothing may be pulled and their image is not here. The stack does without Grafana,
 * but for --strict.
 *
 * @throws FndError FND_IMAGE_MISSING for one that the stack cannot do without.
 */
function leftOut(
  settings: RuntimeSetup['settings'],
  images: StackImages,
  absent: readonly string[],
): Component[] {
  if (!settings.offline) return []
  const left = COMPONENTS.filter((component) => absent.includes(images[component]))
  const needed = left.find((component) => settings.strict || component !== 'grafana')
  if (needed)
    throw new FndError('FND_IMAGE_MISSING', {
      image: images[needed],
      why: NOT_TO_BE_HAD,
    })
  return left
}

/** From the addresses that the node container has; they answer as long as it runs. */
async function endpointsOf({ cluster, stack, setup }: Kind, signal: AbortSignal): Promise<Endpoints> {
  const client = await stack.connect(signal)
  if (!client) throw new FndError('FND_STACK_ABSENT', { name: setup.settings.name })
  const ports = await cluster.ports(signal)
  const password = await grafanaPassword(client, stack)
  const urls = COMPONENTS.flatMap((component) => {
    const port = ports[component]
    const runs = component !== 'grafana' || password !== undefined
    return port && runs ? [[component, new URL(`http://127.0.0.1:${port}`)] as const] : []
  })
  return {
    ...Object.fromEntries(urls),
    ...(password && { grafanaLogin: { user: GRAFANA_USER, password } }),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function takeDown(
  { cluster, folder }: Kind,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ removed: string[] }> {
  progress.update(`removing the cluster ${cluster.name}`)
  const removed = (await cluster.remove(signal)) ? [`kind cluster ${cluster.name}`] : []
  await rm(folder, { recursive: true, force: true })
  return { removed }
}

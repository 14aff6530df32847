// The runtime `kind`: a Kubernetes cluster in Docker, made for one stack and removed with it.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FndError } from '../../errors/error.ts'
import { connect } from '../../kube/client.ts'
import { S3_BUCKET, S3_REGION, S3_SECRET } from '../../manifests/registry.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import { changesOf, creation } from '../kubernetes/actions.ts'
import { afterChecks } from '../kubernetes/checks.ts'
import { desiredObjects, grafanaPassword, s3Credentials } from '../kubernetes/desired.ts'
import { saveEvidence } from '../kubernetes/evidence.ts'
import { stackLogs } from '../kubernetes/logs.ts'
import { waitForStack } from '../kubernetes/ready.ts'
import { kubernetesStack } from '../kubernetes/stack.ts'
import { observeComponents, stackState } from '../kubernetes/status.ts'
import { choosePorts } from '../ports.ts'
import { findProgram, type ProgramSearch, searchHere } from '../programs/find.ts'
import { otherRecords } from '../record.ts'
import { runProgram } from '../run-program.ts'
import {
  COMPONENTS,
  type ComponentStatus,
  type Endpoints,
  type Runtime,
  type RuntimeSetup,
  USUAL_COMPONENTS,
} from '../runtime.ts'
import { bringUp, type Kind, takeDown } from './bring-up.ts'
import { beforeChecks } from './checks.ts'
import { type FindKind, kindCluster, runs, type Sight, wantsS3 } from './cluster.ts'
import { dockerEngine } from './engine.ts'
import { imagesOf, lackingImages, leftOut, wantedImages } from './images.ts'

/** The runtime `kind` of the stack that the settings name. */
export function createKindRuntime(setup: RuntimeSetup): Runtime {
  const { settings, paths, env } = setup
  const folder = paths.stack(settings.name)
  const engine = dockerEngine(settings.programs.docker ?? 'docker', env)
  const search = (signal: AbortSignal) => searchHere({ settings, paths, env }, signal)
  const kind = findKind(search, folder)
  const others = () => otherRecords(paths, settings.name)
  const cluster = kindCluster({
    stack: settings.name,
    folder,
    ports: async () => {
      const needed = settings.kubernetes.s3 ? COMPONENTS : USUAL_COMPONENTS
      const ports = await choosePorts({ wanted: settings.ports, needed, held: new Map(), others: others() })
      return Object.fromEntries(needed.map((component) => [component, ports[component]]))
    },
    nodeImage: settings.images.node,
    engine,
    kind,
    now: Date.now,
  })
  const stack = kubernetesStack(settings, paths, async (signal) => {
    const sight = await cluster.look(signal)
    return runs(sight) ? connect(cluster, signal) : undefined
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
      if (phase === 'before')
        yield* beforeChecks({
          engine,
          search: search(signal),
          cluster,
          settings,
          others: others(),
          signal,
        })
      else {
        const client = await standing(signal)
        yield* afterChecks({ client, stack, endpoints: await endpoints(signal), signal })
      }
    },
    plan: async () => ({ actions: bringUp(parts) }),
    changes: async (signal) => {
      const sight = await cluster.look(signal)
      const client = runs(sight) ? await connect(cluster, signal) : undefined
      const s3 = wantsS3(settings, sight)
      const images = await wantedImages(engine, settings, s3, signal)
      // What is going to be built cannot lack.
      const { backend, ...ready } = images
      const all = settings.images.backend ? [backend, ...Object.values(ready)] : Object.values(ready)
      const { absent } = await lackingImages(engine, sight.nodes, all, signal)
      const left = leftOut(settings, images, absent)
      const desired = await desiredObjects(stack, { target: 'kind', images, s3, client, left })
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
      const sight = await cluster.look(signal)
      if (!runs(sight)) {
        const begun =
          sight.standing === 'partial'
            ? [
                `The cluster ${cluster.name} was begun and is not finished: \`fnd up\` goes on, \`fnd down\` removes it.`,
              ]
            : []
        return { ...absent, state: begun.length ? 'starting' : 'absent', components: [], notes: begun }
      }
      const client = await connect(cluster, signal)
      const urls = Object.fromEntries(
        Object.entries(sight.ports).map(([component, port]) => [component, `http://127.0.0.1:${port}`]),
      )
      const seen = await observeComponents(client, stack, urls)
      const components = await Promise.all(seen.map((status) => whyMissing(status, parts, sight, signal)))
      const s3 = components.some(({ component }) => component === 's3')
      const notes = [
        'For kubectl:',
        `  export KUBECONFIG=${cluster.kubeconfig}`,
        ...(s3 ? s3Notes(stack.namespaces.backend, urls.s3) : []),
      ]
      return { ...absent, state: stackState(components), components, notes }
    },
    async *logs(request) {
      yield* stackLogs(await standing(request.signal), stack, request)
    },
    evidence: async (signal) => saveEvidence(await stack.connect(signal), stack),
    down: (progress, signal) => takeDown(parts, progress, signal),
  }
}

/** Adds why a component is not part of the stack, as far as its image tells. */
async function whyMissing(
  status: ComponentStatus,
  { engine, setup: { settings } }: Kind,
  { nodes }: Sight,
  signal: AbortSignal,
): Promise<ComponentStatus> {
  const image = imagesOf(settings, '', true)[status.component]
  if (status.state !== 'missing' || !image) return status
  const { absent } = await lackingImages(engine, nodes, [image], signal)
  const reason = absent.length
    ? `its image ${image} is neither in the cluster nor in Docker: \`docker pull ${image}\`, then \`fnd up\``
    : 'nothing runs it: `fnd up` brings it'
  return { ...status, reason }
}

/** How to push models from this machine; lines that a shell takes, none of which holds a secret. */
function s3Notes(namespace: string, url: string | undefined): string[] {
  return [
    'To push models:',
    `  export AWS_ENDPOINT_URL_S3=${url} AWS_REGION=${S3_REGION}`,
    `  eval "$(kubectl -n ${namespace} get secret ${S3_SECRET} \\`,
    `    --template '{{.data.env|base64decode}}')"`,
    `  fnd model push <folder> s3://${S3_BUCKET}/<name>`,
  ]
}

/** Finds kind once, when it is first needed. The archives of images that it writes go with it, however it ends. */
function findKind(search: (signal: AbortSignal) => ProgramSearch, folder: string): FindKind {
  let found: Promise<string> | undefined
  return async (signal, progress) => {
    const place = search(signal)
    found ??= findProgram('kind', place, progress).then(({ command }) => command)
    const command = await found
    return async (args, options) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const TMPDIR = await mkdtemp(join(folder, 'kind-'))
      try {
        return await runProgram(command, args, { ...options, env: { ...place.env, TMPDIR } })
      } finally {
        await rm(TMPDIR, { recursive: true, force: true })
      }
    }
  }
}

/** From the addresses that the node container has; they answer as long as it runs. */
async function endpointsOf({ cluster, stack, setup }: Kind, signal: AbortSignal): Promise<Endpoints> {
  const sight = await cluster.look(signal)
  if (!runs(sight)) throw new FndError('FND_STACK_ABSENT', { name: setup.settings.name })
  const client = await connect(cluster, signal)
  const { ports } = sight
  const password = await grafanaPassword(client, stack)
  const s3 = await s3Credentials(client, stack)
  const urls = COMPONENTS.flatMap((component) => {
    const port = ports[component]
    const there = component === 'grafana' ? password : component === 's3' ? s3 : true
    return port && there ? [[component, new URL(`http://127.0.0.1:${port}`)] as const] : []
  })
  return {
    ...Object.fromEntries(urls),
    ...(password && { grafanaLogin: { user: GRAFANA_USER, password } }),
    [Symbol.asyncDispose]: async () => {},
  }
}

// The Docker engine, as far as the runtime kind needs it: node containers, images, what the machine offers.

import { z } from 'zod'
import { FndError, isFndError } from '../../errors/error.ts'
import type { ImageArch } from '../../image/context.ts'
import { commandRunner, type RunOptions } from '../run-program.ts'

const SHORT_MS = 20_000
const BUILD_MS = 15 * 60_000
const KIND_CLUSTER_LABEL = 'io.x-k8s.kind.cluster'

const engineInfo = z.looseObject({
  ServerVersion: z.string(),
  OSType: z.string(),
  Architecture: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  CgroupVersion: z.string().optional(),
  DockerRootDir: z.string(),
})
/** What the client tells where it reaches no engine. */
const unreached = z.looseObject({ ServerErrors: z.array(z.string()).nonempty() })
const container = z.looseObject({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  State: z.looseObject({ Running: z.boolean() }),
  HostConfig: z.looseObject({
    PortBindings: z.record(z.string(), z.array(z.looseObject({ HostPort: z.string() })).nullable()).nullish(),
  }),
  NetworkSettings: z.looseObject({
    Ports: z.record(z.string(), z.array(z.looseObject({ HostPort: z.string() })).nullable()).nullish(),
  }),
})

/** How the client says that it reaches no engine. */
const NO_ENGINE = /cannot connect to the docker daemon|error during connect|permission denied.*docker/i

/** True for what starting the client itself failed with. */
function isNotThere(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'EACCES')
}

const nodeList = z.looseObject({
  items: z.array(
    z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }) }),
  ),
})

export interface EngineInfo {
  version: string
  os: string
  arch: ImageArch
  cpus: number
  memory: number
  cgroup: string
  root: string
}

/** One node container of a kind cluster. */
export interface NodeContainer {
  id: string
  name: string
  /** Milliseconds since 1970. */
  created: number
  running: boolean
  /** Port on 127.0.0.1 of a port of the node. */
  hostPort(port: number): number | undefined
}

export interface Engine {
  info(signal: AbortSignal): Promise<EngineInfo>
  nodes(cluster: string, signal: AbortSignal): Promise<NodeContainer[]>
  start(container: string, signal: AbortSignal): Promise<void>
  /** The content id of a local image; undefined when the engine does not have it. */
  imageId(reference: string, signal: AbortSignal): Promise<string | undefined>
  /** The tags of a repository that the engine has. */
  tags(repository: string, signal: AbortSignal): Promise<string[]>
  build(
    request: { context: string; reference: string; base: string },
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** The references of the images that a node has. */
  imagesOnNode(node: string, signal: AbortSignal): Promise<Set<string>>
  /** The value of a label of every Kubernetes node, as one of them tells; an absent label is ''. */
  nodeLabels(node: string, label: string, signal: AbortSignal): Promise<string[]>
}

/** The engine that this docker client reaches. */
export function dockerEngine(docker: string, env: NodeJS.ProcessEnv): Engine {
  const run = commandRunner(docker, env)
  const short = async (args: readonly string[], signal: AbortSignal, more: Partial<RunOptions> = {}) => {
    try {
      return await run(args, { signal, patience: SHORT_MS, ...more })
    } catch (error) {
      if (
        isFndError(error, 'FND_COMMAND_FAILED') &&
        (isNotThere(error.cause) || NO_ENGINE.test(error.params.why))
      )
        throw new FndError('FND_ENGINE_MISSING', { why: error.params.why }, { cause: error })
      throw error
    }
  }
  return {
    info: async (signal) => {
      const told: unknown = JSON.parse(await short(['info', '--format', '{{json .}}'], signal))
      // With a format, the client exits 0 though it reached no engine.
      const refused = unreached.safeParse(told).data
      if (refused) throw new FndError('FND_ENGINE_MISSING', { why: refused.ServerErrors.join('; ') })
      const info = engineInfo.parse(told)
      return {
        version: info.ServerVersion,
        os: info.OSType,
        arch: /aarch64|arm64/.test(info.Architecture) ? 'arm64' : 'x64',
        cpus: info.NCPU,
        memory: info.MemTotal,
        cgroup: info.CgroupVersion ?? '',
        root: info.DockerRootDir,
      }
    },
    nodes: async (cluster, signal) => {
      const filter = `label=${KIND_CLUSTER_LABEL}=${cluster}`
      const ids = (await short(['ps', '--all', '--quiet', '--filter', filter], signal))
        .split('\n')
        .filter(Boolean)
      if (!ids.length) return []
      const inspected = JSON.parse(await short(['container', 'inspect', ...ids], signal))
      return z.array(container).parse(inspected).map(nodeContainer)
    },
    start: async (name, signal) => {
      await short(['start', name], signal)
    },
    imageId: async (reference, signal) => {
      try {
        return (await short(['image', 'inspect', '--format', '{{.Id}}', reference], signal)).trim()
      } catch (error) {
        if (isFndError(error, 'FND_COMMAND_FAILED') && /no such image/i.test(error.message)) return undefined
        throw error
      }
    },
    tags: async (repository, signal) =>
      (await short(['image', 'ls', '--format', '{{.Tag}}', repository], signal)).split('\n').filter(Boolean),
    build: async ({ context, reference, base }, onLine, signal) => {
      const args = ['build', '--tag', reference, '--build-arg', `BASE=${base}`, context]
      await run(args, { signal, patience: BUILD_MS, onLine })
    },
    imagesOnNode: async (node, signal) => {
      const names = await short(
        ['exec', node, 'ctr', '--namespace=k8s.io', 'images', 'list', '--quiet'],
        signal,
      )
      return new Set(names.split('\n').map((name) => name.trim()))
    },
    nodeLabels: async (node, label, signal) => {
      const kubectl = [
        'kubectl',
        '--kubeconfig',
        '/etc/kubernetes/admin.conf',
        'get',
        'nodes',
        '--output',
        'json',
      ]
      const list = JSON.parse(await short(['exec', node, ...kubectl], signal))
      return nodeList.parse(list).items.map(({ metadata }) => metadata.labels[label] ?? '')
    },
  }
}

function nodeContainer({ Id, Name, Created, State, HostConfig, NetworkSettings }: z.infer<typeof container>) {
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    created: Date.parse(Created),
    running: State.Running,
    hostPort: (port: number) => {
      const key = `${port}/tcp`
      const bound = NetworkSettings.Ports?.[key]?.[0] ?? HostConfig.PortBindings?.[key]?.[0]
      return bound?.HostPort ? Number(bound.HostPort) : undefined
    },
  }
}

/** The full name under which a node keeps an image: `prom/prometheus:v3` is `docker.io/prom/prometheus:v3` there. */
export function fullReference(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const named = hasHost ? reference : `docker.io/${rest.length ? reference : `library/${reference}`}`
  return /[:@][^/]*$/.test(named) ? named : `${named}:latest`
}

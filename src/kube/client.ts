// The seam to a Kubernetes API server: read, list, apply, remove, logs, forward. The only file that knows client-node.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type * as k8s from '@kubernetes/client-node'
import { FndError, messageOf } from '../errors/error.ts'
import { type KubeKind, type KubeObject, type KubeRef, titleOf } from './object.ts'
import { tunnel } from './tunnel.ts'

/** Field manager of every Server-Side Apply of fnd. */
const FIELD_MANAGER = 'fnd'
const REQUEST_PATIENCE_MS = 30_000

/** Which cluster: a kubeconfig file (absent: the user's own, as kubectl finds it) and a context in it. */
export interface KubeAccess {
  kubeconfig?: string
  /** Absent: the file's current context. */
  context?: string
}

export interface LogOptions {
  follow?: boolean
  tail?: number
  /** Lines of the container that ran before this one. */
  previous?: boolean
  /** Only what is younger than this RFC 3339 time. */
  since?: string
}

export interface KubeClient {
  /** Name of the context in use. */
  readonly context: string
  /** undefined when there is no such object. */
  read(ref: KubeRef): Promise<KubeObject | undefined>
  list(kind: KubeKind, where: { namespace?: string; labels?: string }): Promise<KubeObject[]>
  /** Server-Side Apply as field manager `fnd`, taking over fields that others own. */
  apply(object: KubeObject, options?: { dryRun?: boolean }): Promise<KubeObject>
  /** For objects that are questions (access reviews) and for dry runs of what must not persist. */
  create(object: KubeKind & Record<string, unknown>, options?: { dryRun?: boolean }): Promise<KubeObject>
  /** False when it was not there. Returns at once; what depends on it goes in the background. */
  remove(ref: KubeRef): Promise<boolean>
  logs(pod: KubeRef, container: string, options: LogOptions): AsyncIterable<string>
  /** Joins a socket to a port of a pod until either side ends; throws when the pod cannot be reached. */
  forward(pod: KubeRef, port: number, socket: Socket): Promise<void>
  /** The server's version, e.g. `v1.34.4`. */
  version(): Promise<string>
}

/**
 * A client whose requests all end with `signal`.
 *
 * @throws FndError FND_CONTEXT_MISSING when the kubeconfig has no such context.
 */
export async function connect(access: KubeAccess, signal: AbortSignal): Promise<KubeClient> {
  const library = await import('@kubernetes/client-node')
  const config = loadConfig(library, access)
  const cluster = config.getCurrentCluster()
  const context = config.getCurrentContext()
  if (!cluster) throw new FndError('FND_CONTEXT_MISSING', { context, known: contextNames(config) })

  const plain = new library.IsomorphicFetchHttpLibrary()
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    httpApi: {
      send: (request) => {
        request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(REQUEST_PATIENCE_MS)]))
        return plain.send(request)
      },
    },
  })
  const api = new library.KubernetesObjectApi(configuration)
  const explained = async <T>(what: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request()
    } catch (error) {
      signal.throwIfAborted()
      throw explain(error, what, context)
    }
  }
  const absent = (error: unknown) =>
    error instanceof FndError && statusOf(error.cause) === 404 ? undefined : Promise.reject(error)

  return {
    context,
    read: (ref) => explained(titleOf(ref), async () => toJson(await api.read(ref))).catch(absent),
    list: (kind, { namespace, labels }) =>
      explained(kind.kind, async () => {
        const { apiVersion, kind: name } = kind
        const none = undefined
        const list = await api.list(apiVersion, name, namespace, none, none, none, none, labels)
        return list.items.map((item) => toJson({ ...item, apiVersion, kind: name }))
      }),
    apply: (object, { dryRun = false } = {}) =>
      explained(titleOf(object), async () =>
        toJson(
          await api.patch(
            // A copy: the client writes into what it is given.
            JSON.parse(JSON.stringify(object)),
            undefined,
            dryRun ? 'All' : undefined,
            FIELD_MANAGER,
            true,
            library.PatchStrategy.ServerSideApply,
          ),
        ),
      ),
    create: (object, { dryRun = false } = {}) =>
      explained(object.kind, async () =>
        toJson(await api.create(object, undefined, dryRun ? 'All' : undefined, FIELD_MANAGER)),
      ),
    remove: (ref) =>
      explained(titleOf(ref), async () => {
        await api.delete(ref, undefined, undefined, undefined, undefined, 'Background')
        return true
      }).catch(async (error) => (await absent(error)) ?? false),
    logs: (pod, container, options) => readLogs(library, config, pod, container, options, signal),
    forward: (pod, port, socket) => tunnel(new library.PortForward(config), pod, port, socket, signal),
    version: () =>
      explained('the server', async () => {
        const { gitVersion } = await config.makeApiClient(library.VersionApi).getCode()
        return gitVersion
      }),
  }
}

function loadConfig(library: typeof k8s, { kubeconfig, context }: KubeAccess): k8s.KubeConfig {
  const config = new library.KubeConfig()
  try {
    if (kubeconfig) config.loadFromFile(kubeconfig)
    else config.loadFromDefault()
  } catch (cause) {
    const path = kubeconfig ?? 'the kubeconfig'
    throw new FndError('FND_FILE_UNREADABLE', { path, why: messageOf(cause) }, { cause })
  }
  if (context !== undefined) {
    if (!contextNames(config).includes(context))
      throw new FndError('FND_CONTEXT_MISSING', { context, known: contextNames(config) })
    config.setCurrentContext(context)
  }
  return config
}

const contextNames = (config: k8s.KubeConfig): string[] => config.getContexts().map(({ name }) => name)

/** Instances of the client's classes as the plain JSON that the server sent. */
function toJson(value: unknown): KubeObject {
  return JSON.parse(JSON.stringify(value)) as KubeObject
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

/** What an API error means for a user: who refused what, and why. */
function explain(error: unknown, object: string, context: string): FndError {
  if (error instanceof FndError) return error
  const status = statusOf(error)
  if (status === undefined)
    return new FndError('FND_CLUSTER_UNREACHABLE', { context, why: messageOf(error) }, { cause: error })
  const why = serverMessage(error) ?? messageOf(error)
  if (status === 401 || status === 403)
    return new FndError('FND_CLUSTER_FORBIDDEN', { context, object, why }, { cause: error })
  return new FndError('FND_CLUSTER_REFUSED', { object, why }, { cause: error })
}

/** The `message` of the Status document that the server answered with. */
function serverMessage(error: unknown): string | undefined {
  const body = error instanceof Error && 'body' in error ? error.body : undefined
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body
    if (typeof status !== 'object' || status === null || !('message' in status)) return undefined
    return String(status.message)
  } catch {
    return undefined
  }
}

async function* readLogs(
  library: typeof k8s,
  config: k8s.KubeConfig,
  { metadata: { namespace = 'default', name } }: KubeRef,
  container: string,
  { follow = false, tail, previous = false, since }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  signal.throwIfAborted()
  const stream = new PassThrough()
  const request = await new library.Log(config).log(namespace, name, container, stream, {
    follow,
    previous,
    ...(tail !== undefined && { tailLines: tail }),
    ...(since !== undefined && { sinceTime: since }),
  })
  const stop = () => {
    request.abort()
    stream.end()
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const lines = createInterface({ input: stream })
  try {
    for await (const line of lines) yield line
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
    if (!stream.closed) {
      stream.destroy()
      await once(stream, 'close')
    }
  }
}

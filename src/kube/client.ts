// The seam to a Kubernetes API server: read, list, apply, remove, logs, forward. The only file that knows client-node.

import type { Socket } from 'node:net'
import type * as k8s from '@kubernetes/client-node'
import { FndError, messageOf } from '../errors/error.ts'
import { MANAGER } from '../manifests/labels.ts'
import { keptConnections } from './http.ts'
import { type LogOptions, logStream } from './log-stream.ts'
import { type KubeKind, type KubeObject, type KubeRef, titleOf } from './object.ts'
import { tunnel } from './tunnel.ts'

const REQUEST_PATIENCE_MS = 30_000

/** Which cluster: a kubeconfig file (absent: the user's own, as kubectl finds it) and a context in it. */
export interface KubeAccess {
  kubeconfig?: string
  /** Absent: the file's current context. */
  context?: string
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

  const patience = () => AbortSignal.any([signal, AbortSignal.timeout(REQUEST_PATIENCE_MS)])
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    httpApi: keptConnections(library, patience),
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
  // The client looks up what an API version holds before its first use: alone, or as many requests would each look it up.
  const looked = new Map<string, Promise<unknown>>()
  const asked = async <T>({ apiVersion }: KubeKind, what: string, request: () => Promise<T>): Promise<T> => {
    const first = looked.get(apiVersion)
    if (first) await first
    const answer = explained(what, request)
    if (!first)
      looked.set(
        apiVersion,
        answer.catch(() => {}),
      )
    return answer
  }
  const absent = (error: unknown) =>
    error instanceof FndError && statusOf(error.cause) === 404 ? undefined : Promise.reject(error)

  return {
    context,
    read: (ref) => asked(ref, titleOf(ref), async () => toJson(await api.read(ref))).catch(absent),
    list: (kind, { namespace, labels }) =>
      asked(kind, kind.kind, async () => {
        const { apiVersion, kind: name } = kind
        const none = undefined
        const list = await api.list(apiVersion, name, namespace, none, none, none, none, labels)
        return list.items.map((item) => toJson({ ...item, apiVersion, kind: name }))
      }),
    apply: (object, { dryRun = false } = {}) =>
      asked(object, titleOf(object), async () =>
        toJson(
          await api.patch(
            // A copy: the client writes into what it is given.
            JSON.parse(JSON.stringify(object)),
            undefined,
            dryRun ? 'All' : undefined,
            MANAGER,
            true,
            library.PatchStrategy.ServerSideApply,
          ),
        ),
      ),
    create: (object, { dryRun = false } = {}) =>
      asked(object, object.kind, async () =>
        toJson(await api.create(object, undefined, dryRun ? 'All' : undefined, MANAGER)),
      ),
    remove: (ref) =>
      asked(ref, titleOf(ref), async () => {
        await api.delete(ref, undefined, undefined, undefined, undefined, 'Background')
        return true
      }).catch(async (error) => (await absent(error)) ?? false),
    async *logs(pod, container, options) {
      signal.throwIfAborted()
      try {
        yield* logStream(config, pod, container, options, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw explain(error, titleOf(pod), context)
      }
    },
    forward: (pod, port, socket) => tunnel(new library.PortForward(config), pod, port, socket, signal),
    version: () =>
      explained('the server', async () => {
        const { gitVersion } = await new library.VersionApi(configuration).getCode()
        return gitVersion
      }),
  }
}

/** What the library calls the context of http://localhost:8080, which it takes where nothing else is. */
const INVENTED = 'loaded-context'

function loadConfig(library: typeof k8s, { kubeconfig, context }: KubeAccess): k8s.KubeConfig {
  const config = new library.KubeConfig()
  try {
    if (kubeconfig) config.loadFromFile(kubeconfig)
    else config.loadFromDefault()
  } catch (cause) {
    const path = kubeconfig ?? 'the kubeconfig'
    throw new FndError('FND_FILE_UNREADABLE', { path, why: messageOf(cause) }, { cause })
  }
  // Without any kubeconfig the library invents a cluster.
  if (!kubeconfig && config.getCurrentContext() === INVENTED)
    throw new FndError('FND_CONTEXT_MISSING', { context: context ?? '', known: [] })
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

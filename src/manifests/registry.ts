// How the backend's pods reach the registry of their model: what they are told, whose credentials they use, what they may call.

import { MODELS_AT_ONCE, type Settings } from '../config/schema.ts'
import { FndError } from '../errors/error.ts'
import { isRegistrySource, parseReference } from '../registry/address.ts'
import { registryVariables } from '../registry/variables.ts'
import { isThisMachine } from '../this-machine.ts'
import { namespacesOf } from './labels.ts'

/** The Secret with the credentials of the stack's own S3 server, and the variables that it holds. */
export const S3_SECRET = 's3'
export const S3_PORT = 7070
export const S3_REGION = 'us-east-1'
/** The bucket that is there from the start. */
export const S3_BUCKET = 'models'

/** Where a pod keeps the models that it has fetched. */
export const POD_CACHE = '/var/cache/fnd'

export interface PodRegistry {
  /** What `fnd serve` is told: the model's address and every `registry.*` setting. */
  env: Record<string, string>
  /** Secret that holds the credentials; absent: the pod's own identity (IRSA, EKS Pod Identity). */
  secret?: string
  /** The registry is the stack's own S3 server. */
  own: boolean
  /** Ports that the pods may call anywhere: a network policy knows no host names. */
  ports: number[]
  /** The pods may ask the agent of EKS Pod Identity. */
  podIdentity: boolean
}

/**
 * How pods reach the registry that the model comes from; undefined for a model that is part of the image.
 *
 * @param ownS3 whether the stack has an S3 server of its own.
 * @throws FndError FND_REGISTRY_ADDRESS for an address that is none, FND_POD_REGISTRY for an endpoint that pods cannot reach.
 */
export function podRegistry(settings: Settings, ownS3: boolean): PodRegistry | undefined {
  const { model, registry, kubernetes } = settings
  if (!isRegistrySource(model)) return undefined
  parseReference(model)
  const endpoint = registry.endpoint === undefined ? undefined : new URL(registry.endpoint)
  const here = endpoint !== undefined && isThisMachine(endpoint)
  if (here && !ownS3) throw new FndError('FND_POD_REGISTRY', { endpoint: endpoint.origin })
  // From this machine the stack's own server has another address than from its pods.
  const own = ownS3 && (here || endpoint === undefined)
  const secret = kubernetes.registrySecret ?? (own ? S3_SECRET : undefined)
  const aws = !own && endpoint === undefined
  return {
    env: {
      // What a pod must be told otherwise than this machine is overridden below.
      ...registryVariables(settings),
      ...(own && {
        FND_REGISTRY_ENDPOINT: `http://s3.${namespacesOf(settings.name).backend}:${S3_PORT}`,
        FND_REGISTRY_REGION: S3_REGION,
        FND_REGISTRY_PATH_STYLE: 'true',
      }),
      FND_MODEL: model,
      FND_CACHE_DIR: POD_CACHE,
      FND_REGISTRY_RETAIN: String(registry.retain ?? MODELS_AT_ONCE),
    },
    ...(secret !== undefined && { secret }),
    own,
    ports: own ? [] : portsOf(endpoint, secret === undefined),
    podIdentity: aws && secret === undefined,
  }
}

/** As whom the pods fetch their model where no Secret says it: the name that a cloud's role is tied to. */
export function identityNote({ name, model, kubernetes }: Settings, ownS3: boolean): string[] {
  if (!isRegistrySource(model) || kubernetes.registrySecret !== undefined || ownS3) return []
  const { roleArn, annotations } = kubernetes.serviceAccount
  if (roleArn !== undefined || Object.keys(annotations).length) return []
  const account = `${namespacesOf(name).backend}/backend`
  return [
    `The pods fetch their model as the service account ${account}: give it a role (--role-arn, or an association of EKS Pod Identity), or name a Secret with --registry-secret.`,
  ]
}

/** The registry's own port, and that of AWS STS where an identity is exchanged for credentials. */
function portsOf(endpoint: URL | undefined, identity: boolean): number[] {
  const port = endpoint ? Number(endpoint.port) || (endpoint.protocol === 'http:' ? 80 : 443) : 443
  return [...new Set(identity ? [port, 443] : [port])]
}

// The values that manifests are rendered from: one checked schema, and how the settings become such values.

import { z } from 'zod'
import { type Settings, stackName } from '../config/schema.ts'
import { variablesOf } from '../config/variables.ts'
import { promDuration } from '../units.ts'
import { podRegistry } from './registry.ts'

const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/, 'is not a quantity such as 250m or 1Gi')
const image = z
  .string()
  .regex(/^[a-z0-9]([\w.\-/:@]*\w)?$/i, 'is not an image reference')
  .max(512)
const duration = z.string().regex(/^(\d+(ms|[smhdwy]))+$/, 'is not a Prometheus duration such as 15s')
const seconds = z.number().int().min(1)
/** A key of a ConfigMap, so a file name. */
const fileName = z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/, 'is not a file name that a ConfigMap can hold')
const nodePort = z.number().int().min(30000).max(32767)
const resources = z.strictObject({
  requests: z.strictObject({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
  limits: z.strictObject({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
})

export const manifestValues = z.strictObject({
  name: stackName,
  /** fnd's own version. */
  version: z.string().min(1),
  images: z.strictObject({ backend: image, prometheus: image, grafana: image, s3: image.optional() }),
  backend: z.strictObject({
    /** Pods: a fixed number, or a range that the autoscaler moves in by CPU use (percent of the request). */
    replicas: z.union([
      z.number().int().min(1),
      z.strictObject({
        min: z.number().int().min(1),
        max: z.number().int().min(1),
        cpuPercent: z.number().int().min(1).max(100),
      }),
    ]),
    /** Environment of `fnd serve`. */
    env: z.record(z.string().regex(/^FND_[A-Z0-9_]+$/), z.string()),
    apiKey: z.string().optional(),
    /** Where the model is fetched from; absent: it is part of the image. */
    registry: z
      .strictObject({
        secret: z.string().optional(),
        own: z.boolean(),
        ports: z.array(z.number().int().min(1).max(65535)),
        podIdentity: z.boolean(),
      })
      .optional(),
    /** Annotations of its service account. */
    annotations: z.record(
      z.string().regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/, 'is not the key of an annotation'),
      z.string(),
    ),
    /** Seconds after SIGTERM in which requests are still answered. */
    linger: seconds,
    /** Seconds that queued work may take after that. */
    grace: seconds,
    resources,
  }),
  prometheus: z.strictObject({
    scrapeInterval: duration,
    retention: duration,
    /** The rule file, as YAML text. */
    rules: z.string(),
    /** A volume that outlives the pod; absent: the pod's own disk. */
    storage: z.strictObject({ size: quantity, className: z.string().optional() }).optional(),
    resources,
  }),
  grafana: z.strictObject({
    /** Dashboards by file name, as JSON text. */
    dashboards: z.record(fileName, z.string()),
    /** Password of the user `admin`; absent: the Secret `grafana-admin` is expected to be there already. */
    adminPassword: z.string().min(1).optional(),
    resources,
  }),
  /** An S3 server for models; absent: there is none. */
  s3: z
    .strictObject({
      /** Its only account; absent: the Secret is expected to be there already. */
      credentials: z.strictObject({ key: z.string().min(1), secret: z.string().min(1) }).optional(),
      resources,
    })
    .optional(),
  /** Ports that the node itself answers on (kind maps them to 127.0.0.1); absent: services are reached inside the cluster only. */
  nodePorts: z
    .strictObject({ backend: nodePort, prometheus: nodePort, grafana: nodePort, s3: nodePort })
    .optional(),
})

export type ManifestValues = z.output<typeof manifestValues>

/** Where the manifests go: a kind cluster that fnd makes, or a cluster that exists. */
export type Target = 'kind' | 'cluster'

/** Ports of the kind node; each stack has a cluster of its own, so they are fixed. */
export const NODE_PORTS = { backend: 30800, prometheus: 30090, grafana: 30300, s3: 30700 } as const

/** What the settings do not say. */
export interface ManifestInput {
  target: Target
  version: string
  images: ManifestValues['images']
  rules: string
  dashboards: Readonly<Record<string, string>>
  adminPassword?: string
  /** The stack has an S3 server of its own, with these credentials unless its Secret is made by hand. */
  s3?: { credentials?: S3Credentials }
}

export type S3Credentials = NonNullable<NonNullable<ManifestValues['s3']>['credentials']>

/** The time that a cluster needs to take a pod that ends off its Services. */
const POD_LINGER_SECONDS = 5

/** What EKS reads to give pods a role (IRSA). */
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn'

/** The values for a stack with these settings. */
export function manifestValuesOf(settings: Settings, input: ManifestInput): ManifestValues {
  const cluster = input.target === 'cluster'
  const { kubernetes } = settings
  const { env: registryEnv = {}, ...registry } = podRegistry(settings, input.s3 !== undefined) ?? {}
  const { roleArn, annotations } = kubernetes.serviceAccount
  return {
    name: settings.name,
    version: input.version,
    images: input.images,
    backend: {
      replicas:
        cluster && kubernetes.maxReplicas > kubernetes.replicas
          ? { min: kubernetes.replicas, max: kubernetes.maxReplicas, cpuPercent: kubernetes.cpuPercent }
          : kubernetes.replicas,
      env: { ...backendEnvironment(settings), ...registryEnv },
      registry: 'own' in registry ? registry : undefined,
      annotations: { ...(roleArn && { [ROLE_ANNOTATION]: roleArn }), ...annotations },
      apiKey: settings.backend.apiKey,
      linger: Math.ceil(settings.backend.linger ?? POD_LINGER_SECONDS),
      grace: Math.ceil(settings.backend.grace),
      resources: {
        requests: { cpu: '250m', memory: '384Mi', 'ephemeral-storage': '32Mi' },
        limits: {
          cpu: '1',
          // While a version takes over, the one before is loaded too; the models lie in the pod's cache.
          ...('own' in registry
            ? { memory: '1Gi', 'ephemeral-storage': '5Gi' }
            : { memory: '768Mi', 'ephemeral-storage': '256Mi' }),
        },
      },
    },
    prometheus: {
      scrapeInterval: promDuration(settings.prometheus.scrapeInterval),
      retention: promDuration(settings.prometheus.retention),
      rules: input.rules,
      storage: cluster ? { size: kubernetes.storage, className: kubernetes.storageClass } : undefined,
      resources: {
        requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
        limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '3Gi' },
      },
    },
    grafana: {
      dashboards: { ...input.dashboards },
      adminPassword: input.adminPassword,
      resources: {
        requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
        limits: { cpu: '500m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
      },
    },
    s3: input.s3 && {
      credentials: input.s3.credentials,
      resources: {
        requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '32Mi' },
        limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '256Mi' },
      },
    },
    nodePorts: cluster ? undefined : { ...NODE_PORTS },
  }
}

/** The `backend.*` settings as variables, but for those that the pod decides: address, port, key. */
function backendEnvironment(settings: Settings): Record<string, string> {
  const {
    FND_BACKEND_HOST: _,
    FND_BACKEND_API_KEY: __,
    FND_BACKEND_LINGER: ___,
    ...env
  } = variablesOf(settings, 'backend')
  return env
}

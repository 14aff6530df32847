// The values that manifests are rendered from: one checked schema, and how the settings become such values.

import { z } from 'zod'
import { type Settings, settingEntries, stackName } from '../config/schema.ts'
import { promDuration } from '../units.ts'

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
  images: z.strictObject({ backend: image, prometheus: image, grafana: image }),
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
    env: z.record(z.string().regex(/^FND_[A-Z_]+$/), z.string()),
    apiKey: z.string().optional(),
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
  /** Ports that the node itself answers on (kind maps them to 127.0.0.1); absent: services are reached inside the cluster only. */
  nodePorts: z.strictObject({ backend: nodePort, prometheus: nodePort, grafana: nodePort }).optional(),
})

export type ManifestValues = z.output<typeof manifestValues>

/** Where the manifests go: a kind cluster that fnd makes, or a cluster that exists. */
export type Target = 'kind' | 'cluster'

/** Ports of the kind node; each stack has a cluster of its own, so they are fixed. */
export const NODE_PORTS = { backend: 30800, prometheus: 30090, grafana: 30300 } as const

/** What the settings do not say. */
export interface ManifestInput {
  target: Target
  version: string
  images: ManifestValues['images']
  rules: string
  dashboards: Readonly<Record<string, string>>
  adminPassword?: string
}

/** The time that a cluster needs to take a pod that ends off its Services. */
const POD_LINGER_SECONDS = 5

/** The values for a stack with these settings. */
export function manifestValuesOf(settings: Settings, input: ManifestInput): ManifestValues {
  const cluster = input.target === 'cluster'
  const { kubernetes } = settings
  return {
    name: settings.name,
    version: input.version,
    images: input.images,
    backend: {
      replicas:
        cluster && kubernetes.maxReplicas > kubernetes.replicas
          ? { min: kubernetes.replicas, max: kubernetes.maxReplicas, cpuPercent: kubernetes.cpuPercent }
          : kubernetes.replicas,
      env: backendEnvironment(settings),
      apiKey: settings.backend.apiKey,
      linger: Math.ceil(settings.backend.linger ?? POD_LINGER_SECONDS),
      grace: Math.ceil(settings.backend.grace),
      resources: {
        requests: { cpu: '250m', memory: '384Mi', 'ephemeral-storage': '32Mi' },
        limits: { cpu: '1', memory: '768Mi', 'ephemeral-storage': '256Mi' },
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
    nodePorts: cluster ? undefined : { ...NODE_PORTS },
  }
}

/** Every `backend.*` setting as the variable that sets it, but for those that the pod decides: address, port, key. */
function backendEnvironment(settings: Settings): Record<string, string> {
  const own = new Set(['backend.host', 'backend.apiKey', 'backend.linger'])
  const env: Record<string, string> = {}
  for (const { path, env: name } of settingEntries()) {
    if (!path.startsWith('backend.') || own.has(path)) continue
    const value = settings.backend[path.slice('backend.'.length) as keyof Settings['backend']]
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
    if (text) env[name] = text
  }
  return env
}

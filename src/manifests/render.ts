// Renders the Kubernetes objects of a stack from templates/kubernetes and checked values.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { FndError } from '../errors/error.ts'
import { imageVersion } from '../image/references.ts'
import { APPLY_ORDER } from '../kube/kinds.ts'
import {
  GRAFANA_SETTINGS,
  grafanaDashboards,
  grafanaDatasource,
  prometheusConfig,
  scrapeAddress,
  scrapePods,
} from '../observe/provisioning.ts'
import { packageRoot } from '../package.ts'
import { COMPONENTS, type Component } from '../runtime/runtime.ts'
import { withConfigHashes } from './config-hash.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { CLIENT_LABEL, componentLabels, componentSelector, namespacesOf, stackLabels } from './labels.ts'
import { POD_CACHE, S3_BUCKET, S3_PORT, S3_REGION, S3_SECRET } from './registry.ts'
import { fillTemplate, toYaml, type Value } from './template.ts'
import { type ManifestValues, manifestValues, type S3Credentials } from './values.ts'

const TEMPLATES = ['namespaces', 'network', 'backend', 'prometheus', 'grafana', 's3'] as const

/** Addresses of the pods in a kind cluster; everything else that reaches a pod comes through a node port. */
export const KIND_POD_SUBNET = '10.244.0.0/16'

/** Every rendered object has at least this. */
const renderedObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(APPLY_ORDER),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
})

/**
 * The objects of a stack, in the order to apply them: the same values give the same objects.
 *
 * @throws FndError FND_MANIFEST_VALUE naming the first value that is not acceptable.
 */
export function renderManifests(values: ManifestValues): KubernetesObject[] {
  const parsed = manifestValues.safeParse(values)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new FndError('FND_MANIFEST_VALUE', {
      value: issue?.path.join('.') ?? '',
      problem: issue?.message ?? '',
    })
  }
  const view = viewOf(parsed.data)
  const objects = TEMPLATES.flatMap((name) => {
    const template = readFileSync(`${packageRoot}templates/kubernetes/${name}.yaml`, 'utf8')
    return fillTemplate(template, view).map((object) => renderedObject.parse(object) as KubernetesObject)
  })
  return withConfigHashes(objects.sort(byApplyOrder))
}

function byApplyOrder(a: KubernetesObject, b: KubernetesObject): number {
  return APPLY_ORDER.indexOf(a.kind) - APPLY_ORDER.indexOf(b.kind)
}

/** Longest time for loading and warming a model, and for fetching it first: what has arrived outlives a restart. */
const LOAD_SECONDS = 120
const FETCH_SECONDS = 1800

/** What the templates' placeholders name. */
function viewOf(values: ManifestValues): Value {
  const { name, images, nodePorts } = values
  const namespaces = namespacesOf(name)
  const { replicas } = values.backend
  const startupSeconds = values.backend.registry ? FETCH_SECONDS : LOAD_SECONDS
  const scaled = typeof replicas !== 'number'
  const identity = (component: Component, version: string): Record<string, Value> => ({
    labels: componentLabels(name, component, version),
    selector: componentSelector(name, component),
    image: images[component],
    resources: values[component]?.resources,
  })
  return {
    namespaces: { ...namespaces },
    stackLabels: stackLabels(name, values.version),
    namespaceLabels: {
      ...stackLabels(name, values.version),
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'latest',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
    },
    clientLabels: { [CLIENT_LABEL]: 'true' },
    serviceType: nodePorts ? 'NodePort' : 'ClusterIP',
    nodePorts: Object.fromEntries(COMPONENTS.map((component) => [component, nodePorts?.[component]])),
    fromHost: nodePorts && { ipBlock: { cidr: '0.0.0.0/0', except: [KIND_POD_SUBNET] } },
    backend: {
      ...identity('backend', values.version),
      replicas: scaled ? undefined : replicas,
      autoscaling: scaled ? replicas : undefined,
      env: backendEnvironment(values),
      apiKey: values.backend.apiKey && base64(values.backend.apiKey),
      annotations: Object.keys(values.backend.annotations).length ? values.backend.annotations : undefined,
      cache: values.backend.registry && POD_CACHE,
      startupSeconds,
      progressDeadline: Math.max(300, startupSeconds + 60),
      terminationGrace: values.backend.linger + values.backend.grace + 5,
    },
    registry: values.backend.registry && {
      own: values.backend.registry.own,
      podIdentity: values.backend.registry.podIdentity,
      ports: values.backend.registry.ports.length
        ? values.backend.registry.ports.map((port) => ({ port }))
        : undefined,
    },
    s3Secret: { name: S3_SECRET, data: values.s3?.credentials && s3SecretData(values.s3.credentials) },
    s3: values.s3 && {
      ...identity('s3', imageVersion(images.s3 ?? '')),
      port: S3_PORT,
      region: S3_REGION,
      bucket: S3_BUCKET,
    },
    prometheus: {
      ...identity('prometheus', imageVersion(images.prometheus)),
      config: toYaml(
        prometheusConfig(values.prometheus.scrapeInterval, '/etc/prometheus/rules.yaml', [
          scrapePods(namespaces.backend, componentSelector(name, 'backend')),
          scrapeAddress('localhost:9090', 'prometheus'),
        ]),
      ),
      retention: values.prometheus.retention,
      rules: values.prometheus.rules,
      storage: values.prometheus.storage && {
        size: values.prometheus.storage.size,
        className: values.prometheus.storage.className,
      },
      dataVolume: values.prometheus.storage
        ? { name: 'data', persistentVolumeClaim: { claimName: 'prometheus-data' } }
        : { name: 'data', emptyDir: { sizeLimit: '2Gi' } },
    },
    grafana: {
      ...identity('grafana', imageVersion(images.grafana)),
      env: grafanaEnvironment(),
      datasource: toYaml(grafanaDatasource('http://prometheus:9090', values.prometheus.scrapeInterval)),
      dashboardProvider: toYaml(grafanaDashboards('/etc/grafana/dashboards')),
      dashboards: values.grafana.dashboards,
      adminPassword: values.grafana.adminPassword && base64(values.grafana.adminPassword),
    },
  }
}

/** The backend's variables: its settings, where it listens, as many workers as it has cores unless the settings say. */
function backendEnvironment({ backend }: ManifestValues): Value[] {
  const given = Object.entries(backend.env).map(([name, value]) => ({ name, value }))
  const own: Value[] = [
    { name: 'FND_BACKEND_HOST', value: '0.0.0.0' },
    { name: 'FND_PORTS_BACKEND', value: '8000' },
    { name: 'FND_BACKEND_LINGER', value: `${backend.linger}s` },
  ]
  if (!('FND_BACKEND_WORKERS' in backend.env))
    own.push({
      name: 'FND_BACKEND_WORKERS',
      valueFrom: { resourceFieldRef: { containerName: 'backend', resource: 'limits.cpu' } },
    })
  if (backend.apiKey)
    own.push({
      name: 'FND_BACKEND_API_KEY',
      valueFrom: { secretKeyRef: { name: 'backend-api-key', key: 'api-key' } },
    })
  const { secret } = backend.registry ?? {}
  const credential = (name: string, optional = false) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key: name, ...(optional && { optional }) } },
  })
  // Named one by one: whoever may write the Secret decides over credentials, and nothing else of the process.
  const credentials = secret
    ? [
        credential('AWS_ACCESS_KEY_ID'),
        credential('AWS_SECRET_ACCESS_KEY'),
        credential('AWS_SESSION_TOKEN', true),
      ]
    : []
  return [...own, ...credentials, ...given]
}

/** The credentials under the names that AWS tools read, and as lines that a shell can take up. */
function s3SecretData({ key, secret }: S3Credentials): Record<string, Value> {
  const variables = { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret }
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`)
  return {
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, base64(value)])),
    env: base64(lines.join('')),
  }
}

/** Grafana's settings as the variables that its image takes: `GF_<SECTION>_<KEY>`. */
function grafanaEnvironment(): Value[] {
  const settings = Object.entries(GRAFANA_SETTINGS).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, value]) => ({
      name: `GF_${section}_${key}`.toUpperCase().replaceAll('.', '_'),
      value,
    })),
  )
  const password = { name: 'GF_SECURITY_ADMIN_PASSWORD__FILE', value: '/etc/grafana/admin/admin-password' }
  return [password, ...settings]
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

// One stack in a cluster: its namespaces, its workloads, how to reach its API server. What kind and cluster have in common.

import type { Paths } from '../../config/paths.ts'
import type { Settings } from '../../config/schema.ts'
import type { Ownership } from '../../kube/apply.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubeRef } from '../../kube/object.ts'
import type { WorkloadName } from '../../kube/wait.ts'
import {
  componentSelector,
  type Namespaces,
  namespacesOf,
  STACK_LABEL,
  stackSelector,
} from '../../manifests/labels.ts'
import { S3_PORT } from '../../manifests/registry.ts'
import { COMPONENTS, type Component } from '../runtime.ts'

export interface KubernetesStack {
  readonly settings: Settings
  readonly paths: Paths
  readonly namespaces: Namespaces
  readonly owner: Ownership
  /** A client of the cluster; undefined where there is no cluster (any more). */
  connect(signal: AbortSignal): Promise<KubeClient | undefined>
}

/** The stack that the settings name. */
export function kubernetesStack(
  settings: Settings,
  paths: Paths,
  connect: KubernetesStack['connect'],
): KubernetesStack {
  const namespaces = namespacesOf(settings.name)
  return {
    settings,
    paths,
    namespaces,
    owner: {
      label: STACK_LABEL,
      stack: settings.name,
      selector: stackSelector(settings.name),
      namespaces: [namespaces.backend, namespaces.monitoring],
    },
    connect,
  }
}

/** Port of each component's container. */
export const CONTAINER_PORT: Readonly<Record<Component, number>> = {
  backend: 8000,
  prometheus: 9090,
  grafana: 3000,
  s3: S3_PORT,
}

/** Where a component's pods are, and their labels. */
export function placeOf(
  { settings, namespaces }: KubernetesStack,
  component: Component,
): { namespace: string; labels: Readonly<Record<string, string>> } {
  return {
    namespace: component === 'backend' || component === 's3' ? namespaces.backend : namespaces.monitoring,
    labels: componentSelector(settings.name, component),
  }
}

/** The deployment of a component; all are named after it. */
export function workloadOf(stack: KubernetesStack, component: Component): WorkloadName {
  return { namespace: placeOf(stack, component).namespace, name: component }
}

/** The same as the API addresses it. */
export function deploymentOf(stack: KubernetesStack, component: Component): KubeRef {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: workloadOf(stack, component) }
}

/** The components that stand in the cluster. */
export async function componentsOf(client: KubeClient, stack: KubernetesStack): Promise<Component[]> {
  const found = await Promise.all(COMPONENTS.map((component) => client.read(deploymentOf(stack, component))))
  return COMPONENTS.filter((_, index) => found[index])
}

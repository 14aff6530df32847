// The objects that a stack wants in its cluster, with the password that is there already kept.

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { KubeClient } from '../../kube/client.ts'
import { shippedDashboards } from '../../manifests/dashboards.ts'
import type { KubernetesObject } from '../../manifests/kubernetes-object.ts'
import { renderManifests } from '../../manifests/render.ts'
import { type ManifestValues, manifestValuesOf, type Target } from '../../manifests/values.ts'
import { ruleFile } from '../../observe/rules.ts'
import { packageVersion } from '../../package.ts'
import type { Component } from '../runtime.ts'
import type { KubernetesStack } from './stack.ts'

const PASSWORD_BYTES = 24
const COMPONENT_LABEL = 'app.kubernetes.io/component'

const adminSecret = z.looseObject({ data: z.looseObject({ 'admin-password': z.string() }) })

/** Grafana's admin password in the cluster; undefined when it has none yet. */
export async function grafanaPassword(
  client: KubeClient,
  { namespaces }: KubernetesStack,
): Promise<string | undefined> {
  const metadata = { namespace: namespaces.monitoring, name: 'grafana-admin' }
  const found = adminSecret.safeParse(await client.read({ apiVersion: 'v1', kind: 'Secret', metadata }))
  return found.success ? Buffer.from(found.data.data['admin-password'], 'base64').toString() : undefined
}

/**
 * Renders the stack's objects.
 *
 * @param client where a password may be already; undefined when there is no cluster yet.
 * @param left components that cannot run here and are left out.
 */
export async function desiredObjects(
  stack: KubernetesStack,
  {
    target,
    images,
    client,
    left = [],
  }: {
    target: Target
    images: ManifestValues['images']
    client: KubeClient | undefined
    left?: readonly Component[]
  },
): Promise<KubernetesObject[]> {
  const password = client && (await grafanaPassword(client, stack))
  const values = manifestValuesOf(stack.settings, {
    target,
    version: packageVersion(),
    images,
    rules: ruleFile(stack.settings),
    dashboards: shippedDashboards(),
    adminPassword: password ?? randomBytes(PASSWORD_BYTES).toString('base64url'),
  })
  return renderManifests(values).filter(
    ({ metadata }) => !left.some((component) => metadata.labels[COMPONENT_LABEL] === component),
  )
}

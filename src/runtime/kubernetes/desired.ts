// The objects that a stack wants in its cluster, with the password that is there already kept.

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { KubeClient } from '../../kube/client.ts'
import { shippedDashboards } from '../../manifests/dashboards.ts'
import type { KubernetesObject } from '../../manifests/kubernetes-object.ts'
import { S3_SECRET } from '../../manifests/registry.ts'
import { renderManifests } from '../../manifests/render.ts'
import {
  type ManifestValues,
  manifestValuesOf,
  type S3Credentials,
  type Target,
} from '../../manifests/values.ts'
import { ruleFile } from '../../observe/rules.ts'
import { packageVersion } from '../../package.ts'
import type { Component } from '../runtime.ts'
import type { KubernetesStack } from './stack.ts'

const PASSWORD_BYTES = 24
/** The one account of the stack's own S3 server. */
const S3_USER = 'fnd'
const COMPONENT_LABEL = 'app.kubernetes.io/component'

const secret = () => randomBytes(PASSWORD_BYTES).toString('base64url')

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

const s3Secret = z.looseObject({
  data: z.looseObject({ AWS_ACCESS_KEY_ID: z.string(), AWS_SECRET_ACCESS_KEY: z.string() }),
})

/** The credentials of the stack's own S3 server; undefined when it has none. */
export async function s3Credentials(
  client: KubeClient,
  { namespaces }: KubernetesStack,
): Promise<S3Credentials | undefined> {
  const metadata = { namespace: namespaces.backend, name: S3_SECRET }
  const found = s3Secret.safeParse(await client.read({ apiVersion: 'v1', kind: 'Secret', metadata }))
  if (!found.success) return undefined
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = found.data.data
  const text = (value: string) => Buffer.from(value, 'base64').toString()
  return { key: text(AWS_ACCESS_KEY_ID), secret: text(AWS_SECRET_ACCESS_KEY) }
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
    s3 = false,
    client,
    left = [],
  }: {
    target: Target
    images: ManifestValues['images']
    /** Whether the stack has an S3 server of its own. */
    s3?: boolean
    client: KubeClient | undefined
    left?: readonly Component[]
  },
): Promise<KubernetesObject[]> {
  const password = client && (await grafanaPassword(client, stack))
  const known = s3 && client ? await s3Credentials(client, stack) : undefined
  const values = manifestValuesOf(stack.settings, {
    target,
    version: packageVersion(),
    images,
    rules: ruleFile(stack.settings),
    dashboards: shippedDashboards(),
    adminPassword: password ?? secret(),
    ...(s3 && { s3: { credentials: known ?? { key: S3_USER, secret: secret() } } }),
  })
  return renderManifests(values).filter(
    ({ metadata }) => !left.some((component) => metadata.labels[COMPONENT_LABEL] === component),
  )
}

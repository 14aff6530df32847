// Pre-flight of the runtime cluster: the API server answers, and this user may make what the stack needs.

import { z } from 'zod'
import { toFndError } from '../../errors/error.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubernetesStack } from '../kubernetes/stack.ts'
import type { CheckResult } from '../runtime.ts'

/** Pod Security admission and autoscaling/v2 are stable, `matchLabelKeys` of spread constraints is on by default. */
const OLDEST_KUBERNETES = [1, 30] as const

const NEEDED = [
  ['', 'namespaces'],
  ['', 'services'],
  ['', 'configmaps'],
  ['', 'secrets'],
  ['', 'serviceaccounts'],
  ['', 'persistentvolumeclaims'],
  ['apps', 'deployments'],
  ['networking.k8s.io', 'networkpolicies'],
  ['policy', 'poddisruptionbudgets'],
  ['autoscaling', 'horizontalpodautoscalers'],
  ['rbac.authorization.k8s.io', 'roles'],
  ['rbac.authorization.k8s.io', 'rolebindings'],
] as const

/** Can the stack be brought up in this cluster? */
export async function* beforeChecks(
  connect: () => Promise<KubeClient>,
  { settings, namespaces }: KubernetesStack,
): AsyncGenerator<CheckResult> {
  let client: KubeClient
  try {
    client = await connect()
    const version = await client.version()
    const [, major = '0', minor = '0'] = /v(\d+)\.(\d+)/.exec(version) ?? []
    const [oldest, than] = OLDEST_KUBERNETES
    const old = Number(major) === oldest && Number(minor) < than
    yield {
      group: 'cluster',
      title: `the cluster of context ${client.context} answers`,
      outcome: old ? 'fail' : 'pass',
      detail: version,
      ...(old && { mend: `Kubernetes ${oldest}.${than} or newer is needed` }),
    }
  } catch (thrown) {
    const error = toFndError(thrown)
    const title = `the cluster of context ${settings.context ?? ''} answers`
    yield { group: 'cluster', title, outcome: 'fail', detail: error.message, mend: error.hint, error }
    return
  }
  yield {
    group: 'image',
    title: 'a backend image is named',
    outcome: settings.images.backend ? 'pass' : 'fail',
    ...(settings.images.backend
      ? { detail: settings.images.backend }
      : { mend: 'Push one to a registry that the cluster reaches and name it: --image registry/name:tag' }),
  }
  const refused: string[] = []
  for (const [group, resource] of NEEDED) {
    const namespace = resource === 'namespaces' ? {} : { namespace: namespaces.backend }
    const answer = await client.create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { group, resource, verb: 'patch', ...namespace } },
    })
    const { status } = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) }).parse(answer)
    if (!status.allowed) refused.push(resource)
  }
  yield {
    group: 'cluster',
    title: 'this user may make what the stack needs',
    outcome: refused.length ? 'fail' : 'pass',
    ...(refused.length && {
      detail: `not ${refused.join(', ')}`,
      mend: 'Use a context whose user may, or let an administrator run `fnd up`',
    }),
  }
}

// Pre-flight of the runtime cluster: the API server answers, and this user may make what the stack needs.

import { z } from 'zod'
import { toFndError } from '../../errors/error.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Namespaces } from '../../manifests/labels.ts'
import type { KubernetesStack } from '../kubernetes/stack.ts'
import type { CheckResult } from '../runtime.ts'

/** Pod Security admission and autoscaling/v2 are stable, `matchLabelKeys` of spread constraints is on by default. */
const OLDEST_KUBERNETES = [1, 30] as const

/** Server-Side Apply is a patch, and a create where nothing is there yet. */
const OWN = ['get', 'list', 'create', 'patch', 'delete'] as const
/** All that up, status, logs, open and down ask of the API server: group, resource, verbs. */
const NEEDED: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ['', 'services', OWN],
  ['', 'configmaps', OWN],
  ['', 'secrets', OWN],
  ['', 'serviceaccounts', OWN],
  ['', 'persistentvolumeclaims', OWN],
  ['apps', 'deployments', OWN],
  ['networking.k8s.io', 'networkpolicies', OWN],
  ['policy', 'poddisruptionbudgets', OWN],
  ['autoscaling', 'horizontalpodautoscalers', OWN],
  ['rbac.authorization.k8s.io', 'roles', OWN],
  ['rbac.authorization.k8s.io', 'rolebindings', OWN],
  // Nobody may grant what they do not hold: this is what Prometheus is granted.
  ['', 'pods', ['get', 'list', 'watch']],
  ['', 'events', ['list']],
  ['', 'pods/log', ['get']],
  // A WebSocket is opened with get; newer servers ask for create as well.
  ['', 'pods/portforward', ['get', 'create']],
]
const NAMESPACE_VERBS = ['get', 'create', 'patch', 'delete'] as const

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
  yield* rightsChecks(client, namespaces)
}

/** One result for the cluster's namespaces, one for what goes into each of the stack's. */
async function* rightsChecks(client: KubeClient, namespaces: Namespaces): AsyncGenerator<CheckResult> {
  const places = [
    { title: 'this user may make the namespaces', rights: rights('', 'namespaces', NAMESPACE_VERBS, {}) },
    ...Object.values(namespaces).map((namespace: string) => ({
      title: `this user may do what the stack needs in ${namespace}`,
      rights: NEEDED.flatMap(([group, resource, verbs]) => rights(group, resource, verbs, { namespace })),
    })),
  ]
  for (const { title, rights: asked } of places) {
    const allowed = await Promise.all(asked.map((right) => isAllowed(client, right)))
    const refused = new Map<string, string[]>()
    for (const { resource, verb } of asked.filter((_, index) => !allowed[index]))
      refused.set(resource, [...(refused.get(resource) ?? []), verb])
    yield {
      group: 'cluster',
      title,
      outcome: refused.size ? 'fail' : 'pass',
      detail: refused.size
        ? `not ${[...refused].map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`).join('; ')}`
        : `${asked.length} rights`,
      ...(refused.size && {
        mend: 'Use a context whose user may, or let an administrator grant it or run `fnd up`',
      }),
    }
  }
}

interface Right {
  group: string
  resource: string
  verb: string
  namespace?: string
}

function rights(
  group: string,
  resource: string,
  verbs: readonly string[],
  where: { namespace?: string },
): Right[] {
  return verbs.map((verb) => ({ group, resource, verb, ...where }))
}

async function isAllowed(client: KubeClient, { resource, ...right }: Right): Promise<boolean> {
  const [name, subresource] = resource.split('/')
  const answer = await client.create({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { ...right, resource: name, ...(subresource && { subresource }) } },
  })
  return z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) }).parse(answer).status.allowed
}

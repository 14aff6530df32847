// After-flight of a stack in a cluster: pods, their security, RBAC, one target per pod, Grafana's datasource and dashboards.

import { z } from 'zod'
import { type Check, runGroup } from '../../checks/check.ts'
import { isUp, untilTargets } from '../../checks/targets.ts'
import { isFndError } from '../../errors/error.ts'
import type { KubeClient } from '../../kube/client.ts'
import { isReady, podsOf, selectorOf } from '../../kube/pods.ts'
import type { Pod } from '../../kube/schemas.ts'
import { type GrafanaClient, grafanaClient } from '../../observe/grafana.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import type { CheckResult, Component, ComponentStatus, Endpoints } from '../runtime.ts'
import { componentsOf, type KubernetesStack, placeOf } from './stack.ts'
import { observeComponents } from './status.ts'

interface Subject {
  client: KubeClient
  stack: KubernetesStack
  endpoints: Endpoints
  signal: AbortSignal
}

interface Asked extends Subject {
  /** The stack's components, as they were when this was asked first. */
  observed(): Promise<ComponentStatus[]>
}

/** One question: what is asked, and how it is found out. `seen` is the detail of a pass. */
interface Question {
  group: string
  title: string
  /** Runs only where this component stands. */
  of?: Component
  mend: string
  ask(asked: Asked): Promise<{ seen?: string; warning?: string; problem?: string }>
}

const QUESTIONS: readonly Question[] = [
  {
    group: 'pods',
    title: 'every pod is ready',
    mend: 'Read `fnd status` and `fnd logs`',
    ask: async ({ observed }) => {
      const all = await observed()
      const bad = all.filter(({ state }) => !['running', 'missing', 'stopped'].includes(state))
      return bad.length
        ? {
            problem: bad
              .map(({ component, state, reason }) => `${component} ${state}: ${reason ?? ''}`)
              .join('; '),
          }
        : { seen: `${all.filter(({ state }) => state === 'running').length} pods` }
    },
  },
  {
    group: 'pods',
    title: 'no component is missing',
    mend: '`fnd status` says why, and what mends it',
    ask: async ({ observed }) => {
      const all = await observed()
      const missing = all.filter(({ state }) => state === 'missing').map(({ component }) => component)
      return missing.length ? { warning: missing.join(', ') } : {}
    },
  },
  {
    group: 'security',
    title: 'both namespaces enforce the Pod Security level `restricted`',
    mend: 'Run `fnd up` again: somebody has changed the labels of the namespaces',
    ask: async ({ client, stack }) => {
      const loose = []
      for (const name of stack.owner.namespaces) {
        const found = await client.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
        if (found?.metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted') loose.push(name)
      }
      return loose.length ? { problem: `not in ${loose.join(', ')}` } : {}
    },
  },
  {
    group: 'security',
    title: 'a privileged pod is refused',
    mend: 'The API server must run the admission plugin PodSecurity',
    ask: async ({ client, stack }) => {
      for (const namespace of stack.owner.namespaces) {
        try {
          await client.create(privilegedPod(namespace), { dryRun: true })
          return { problem: `${namespace} takes one (in a dry run)` }
        } catch (error) {
          // Any other refusal (this user may not make pods, another policy) tells nothing about Pod Security.
          const refused = isFndError(error, 'FND_CLUSTER_FORBIDDEN')
          if (!refused || !error.message.includes('violates PodSecurity')) throw error
        }
      }
      return { seen: 'by dry runs in both namespaces' }
    },
  },
  {
    group: 'security',
    title: 'pods run as non-root, read-only, without privileges',
    mend: 'Run `fnd up` again: somebody has changed the pods',
    ask: async ({ client, stack }) => {
      const pods = await Promise.all(
        (await componentsOf(client, stack)).map((component) => livingPods(client, stack, component)),
      )
      const loose = pods.flat().flatMap(looseEnds)
      return loose.length ? { problem: loose.join('; ') } : {}
    },
  },
  {
    group: 'security',
    title: 'Prometheus may list the backend’s pods and nothing in other namespaces',
    of: 'prometheus',
    mend: 'Run `fnd up` again; look for other role bindings of its service account',
    ask: async ({ client, stack }) => {
      const { backend, monitoring } = stack.namespaces
      const user = `system:serviceaccount:${monitoring}:prometheus`
      const may = (namespace: string, resource: string) => allowed(client, user, namespace, resource)
      if (!(await may(backend, 'pods'))) return { problem: `it may not list pods in ${backend}` }
      if (await may('kube-system', 'pods')) return { problem: 'it may list pods in kube-system' }
      return (await may(backend, 'secrets')) ? { problem: `it may read secrets in ${backend}` } : {}
    },
  },
  {
    group: 'prometheus',
    title: 'every backend pod is a target of its own, and up',
    of: 'prometheus',
    mend: 'Read `fnd logs prometheus`',
    ask: async ({ client, stack, endpoints, signal }) => {
      if (!endpoints.prometheus) return { problem: 'Prometheus has no address' }
      const prometheus = prometheusClient(endpoints.prometheus)
      const { scrapeInterval } = stack.settings.prometheus
      let pods: string[] = []
      await untilTargets(
        { prometheus, scrapeInterval },
        async (targets) => {
          const scraped = new Set(targets.filter(isUp).map(({ labels }) => labels.pod))
          pods = (await livingPods(client, stack, 'backend')).map(({ metadata }) => metadata.name)
          const unseen = pods.filter((pod) => !scraped.has(pod))
          return unseen.length ? `not scraped: ${unseen.join(', ')}` : undefined
        },
        signal,
      )
      return { seen: `${pods.length} targets` }
    },
  },
  {
    group: 'grafana',
    title: 'nobody gets in without the password',
    of: 'grafana',
    mend: 'Run `fnd up` again: GF_AUTH_ANONYMOUS_ENABLED must be false',
    ask: async ({ endpoints, signal }) => {
      const { status } = await grafanaOf(endpoints).get('/api/search', signal, false)
      return status === 401 || status === 403 ? {} : { problem: `a stranger got ${status}` }
    },
  },
  {
    group: 'grafana',
    title: 'the datasource is Prometheus, and answers',
    of: 'grafana',
    mend: 'Read `fnd logs grafana`',
    ask: async ({ endpoints, signal }) => {
      const { status, body } = await grafanaOf(endpoints).get('/api/datasources/uid/prometheus', signal)
      const source = z.looseObject({ url: z.string(), access: z.string() }).safeParse(body)
      if (!source.success) return { problem: `no datasource with the uid prometheus (${status})` }
      const { url, access } = source.data
      if (url !== 'http://prometheus:9090' || access !== 'proxy')
        return { problem: `it is ${url}, ${access}` }
      await grafanaOf(endpoints).query('vector(1)', signal)
      return { seen: url }
    },
  },
  {
    group: 'grafana',
    title: 'the dashboards are provisioned',
    of: 'grafana',
    mend: 'Read `fnd logs grafana`',
    ask: async ({ endpoints, signal }) => {
      const { status, body } = await grafanaOf(endpoints).get('/api/search?type=dash-db', signal)
      const found = z.array(z.looseObject({ title: z.string() })).safeParse(body)
      return found.success && found.data.length
        ? { seen: found.data.map(({ title }) => title).join(', ') }
        : { problem: `none found (${status})` }
    },
  },
]

/** Asks every question in turn; one that cannot be asked is a failure with its reason. */
export async function* afterChecks(subject: Subject): AsyncGenerator<CheckResult> {
  const { client, stack } = subject
  const components = await componentsOf(client, stack)
  let first: Promise<ComponentStatus[]> | undefined
  const observed = () => {
    first ??= observeComponents(client, stack, {})
    return first
  }
  for (const name of new Set(QUESTIONS.map(({ group }) => group))) {
    const checks = QUESTIONS.filter(({ group }) => group === name).map(
      ({ title, of, mend, ask }): Check => ({
        title,
        mend,
        look: async () => {
          if (of && !components.includes(of))
            return { outcome: 'skip', detail: `${of} is not part of this stack` }
          const { seen, warning, problem } = await ask({ ...subject, observed })
          if (problem !== undefined) throw new Error(problem)
          return warning === undefined
            ? { ...(seen && { detail: seen }) }
            : { outcome: 'warn', detail: warning }
        },
      }),
    )
    yield* runGroup({ name, checks }, subject.signal)
  }
}

async function livingPods(client: KubeClient, stack: KubernetesStack, component: Component): Promise<Pod[]> {
  const { namespace, labels } = placeOf(stack, component)
  return (await podsOf(client, { namespace, labels: selectorOf(labels) })).filter(isReady)
}

/** What a pod's containers may do that they should not. */
function looseEnds({ metadata, spec }: Pod): string[] {
  return spec.containers.flatMap((container) => {
    const own = container.securityContext
    const loose = [
      (own?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot) !== true && 'may run as root',
      own?.readOnlyRootFilesystem !== true && 'may write its root file system',
      own?.allowPrivilegeEscalation !== false && 'may gain privileges',
      (own?.seccompProfile ?? spec.securityContext?.seccompProfile)?.type !== 'RuntimeDefault' &&
        'has no seccomp profile',
      !own?.capabilities?.drop?.includes('ALL') && 'keeps capabilities',
    ].filter((problem) => problem !== false)
    return loose.length ? [`${metadata.name}: ${container.name} ${loose.join(', ')}`] : []
  })
}

async function allowed(
  client: KubeClient,
  user: string,
  namespace: string,
  resource: string,
): Promise<boolean> {
  const answer = await client.create({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes: { namespace, resource, verb: 'list' } },
  })
  return z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) }).parse(answer).status.allowed
}

function privilegedPod(namespace: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'fnd-check-privileged', namespace },
    spec: { containers: [{ name: 'main', image: 'none', securityContext: { privileged: true } }] },
  }
}

function grafanaOf({ grafana, grafanaLogin }: Endpoints): GrafanaClient {
  if (!grafana) throw new Error('Grafana has no address')
  return grafanaClient(grafana, grafanaLogin)
}

// The runtime `cluster`: a stack in a Kubernetes cluster that exists already, reached through its API server alone.

import { rm } from 'node:fs/promises'
import { FndError } from '../../errors/error.ts'
import { imageReference } from '../../image/references.ts'
import { connect, type KubeClient } from '../../kube/client.ts'
import { deleteOwned } from '../../kube/delete.ts'
import { selectorOf } from '../../kube/pods.ts'
import { type OpenPort, openPort } from '../../kube/port-forward.ts'
import { identityNote } from '../../manifests/registry.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import { changesOf } from '../kubernetes/actions.ts'
import { afterChecks } from '../kubernetes/checks.ts'
import { desiredObjects, grafanaPassword } from '../kubernetes/desired.ts'
import { saveEvidence } from '../kubernetes/evidence.ts'
import { stackLogs } from '../kubernetes/logs.ts'
import { waitForStack } from '../kubernetes/ready.ts'
import {
  CONTAINER_PORT,
  componentsOf,
  type KubernetesStack,
  kubernetesStack,
  placeOf,
} from '../kubernetes/stack.ts'
import { observeComponents, stackState } from '../kubernetes/status.ts'
import { readRecord } from '../record.ts'
import type { Component, Endpoints, Runtime, RuntimeSetup } from '../runtime.ts'
import { bringUp } from './bring-up.ts'
import { beforeChecks } from './checks.ts'

/**
 * The runtime `cluster` of the stack that the settings name, in the context of the settings or of the stack's record.
 *
 * @throws FndError FND_USAGE when neither names a context: the current one is never taken by accident.
 */
export async function createClusterRuntime(setup: RuntimeSetup): Promise<Runtime> {
  const { settings, paths, why } = setup
  const { name } = settings
  const context = settings.context ?? readRecord(paths, name)?.context
  if (context === undefined)
    throw new FndError('FND_USAGE', {
      problem: 'The runtime cluster needs a context: --context <name>',
      command: 'up',
    })
  const client = (signal: AbortSignal) => connect({ context }, signal)
  const stack = kubernetesStack(settings, paths, client)
  const endpoints = (signal: AbortSignal) => forwarded(client, stack, signal)

  return {
    name: 'cluster',
    why,
    async *check(phase, signal) {
      if (phase === 'before') yield* beforeChecks(() => client(signal), stack)
      else {
        await using open = await endpoints(signal)
        yield* afterChecks({ client: await client(signal), stack, endpoints: open, signal })
      }
    },
    plan: async () => ({
      actions: [bringUp(stack, context, { connect: client, desired: (api) => desired(stack, api) })],
    }),
    changes: async (signal) => {
      const api = await client(signal)
      return changesOf(api, stack, await desired(stack, api))
    },
    wait: async (progress, signal) => waitForStack(await client(signal), stack, endpoints, progress, signal),
    endpoints,
    status: async (signal) => {
      const components = await observeComponents(await client(signal), stack, {})
      const state = stackState(components)
      const notes =
        state === 'absent' ? [] : [`kubectl: --context ${context}`, ...identityNote(settings, false)]
      return { name, runtime: 'cluster', state, components: state === 'absent' ? [] : components, notes }
    },
    async *logs(request) {
      const api = await client(request.signal)
      if (!(await componentsOf(api, stack)).length) throw new FndError('FND_STACK_ABSENT', { name })
      yield* stackLogs(api, stack, request)
    },
    evidence: async (signal) => saveEvidence(await client(signal), stack),
    down: async (progress, signal) => {
      const removed = await deleteOwned(await client(signal), stack.owner, {
        seconds: settings.timeout,
        signal,
        onLeft: (left) => progress.update(`${left.length} left: ${left.slice(0, 3).join(', ')}`),
      })
      await rm(paths.stack(name), { recursive: true, force: true })
      return { removed }
    },
  }
}

async function desired(stack: KubernetesStack, client: KubeClient) {
  const { images } = stack.settings
  if (!images.backend)
    throw new FndError('FND_USAGE', {
      problem: 'The runtime cluster needs a backend image that the cluster can pull: --image <reference>',
      command: 'up',
    })
  return desiredObjects(stack, {
    target: 'cluster',
    images: {
      backend: images.backend,
      prometheus: imageReference('prometheus', images),
      grafana: imageReference('grafana', images),
    },
    client,
  })
}

/** Every component of the stack on a free port of 127.0.0.1, for as long as the endpoints are not disposed. */
async function forwarded(
  client: (signal: AbortSignal) => Promise<KubeClient>,
  stack: KubernetesStack,
  signal: AbortSignal,
): Promise<Endpoints> {
  const api = await client(signal)
  const components = await componentsOf(api, stack)
  if (!components.length) throw new FndError('FND_STACK_ABSENT', { name: stack.settings.name })
  const password = await grafanaPassword(api, stack)
  const open: [Component, OpenPort][] = []
  try {
    for (const component of components) {
      const { namespace, labels } = placeOf(stack, component)
      const target = { namespace, labels: selectorOf(labels), port: CONTAINER_PORT[component] }
      open.push([component, await openPort(api, target, signal)])
    }
  } catch (error) {
    for (const [, port] of open) await port[Symbol.asyncDispose]()
    throw error
  }
  return {
    ...Object.fromEntries(open.map(([component, { url }]) => [component, url])),
    forwarded: true,
    ...(password && { grafanaLogin: { user: GRAFANA_USER, password } }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map(([, port]) => port[Symbol.asyncDispose]()))
    },
  }
}

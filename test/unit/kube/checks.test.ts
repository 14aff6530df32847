// After-flight of a stack in a cluster: only Pod Security's own refusal proves that it works.

import { expect, it } from 'vitest'
import type { Paths } from '../../../src/config/paths.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import { FndError } from '../../../src/errors/error.ts'
import { afterChecks } from '../../../src/runtime/kubernetes/checks.ts'
import { kubernetesStack } from '../../../src/runtime/kubernetes/stack.ts'
import { memoryCluster } from './memory-cluster.ts'

const paths: Paths = { cache: '/none', state: '/none', stack: () => '/none' }
const { signal } = new AbortController()

async function privilegedPod(why: string) {
  const { client } = memoryCluster([], () => {
    throw new FndError('FND_CLUSTER_FORBIDDEN', { context: 'memory', object: 'Pod', why })
  })
  const stack = kubernetesStack(settingsSchema.parse({}), paths, async () => client)
  const endpoints = { [Symbol.asyncDispose]: async () => {} }
  for await (const result of afterChecks({ client, stack, endpoints, signal }))
    if (result.title === 'a privileged pod is refused') return result.outcome
  return undefined
}

it('tells a refusal by Pod Security from any other', async () => {
  expect(await privilegedPod('pods "x" is forbidden: violates PodSecurity "restricted:latest"')).toBe('pass')
  expect(await privilegedPod('User "jane" cannot create resource "pods"')).toBe('fail')
})

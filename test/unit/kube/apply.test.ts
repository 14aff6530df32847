// A stack applied to a cluster: what is not its own is never touched.

import { expect, it } from 'vitest'
import { FndError } from '../../../src/errors/error.ts'
import { applyChanges, type Ownership, planChanges } from '../../../src/kube/apply.ts'
import { memoryCluster } from './memory-cluster.ts'

const labels = { 'fnd.dev/stack': 'fnd' }
const owner: Ownership = {
  label: 'fnd.dev/stack',
  stack: 'fnd',
  selector: 'fnd.dev/stack=fnd',
  namespaces: ['monitoring'],
}
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'monitoring' } }
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace: 'monitoring', labels },
}
const desired = [{ ...namespace, metadata: { name: 'monitoring', labels } }, policy]

it('refuses a namespace of somebody else, whose workloads its policies would cut off', async () => {
  const { client } = memoryCluster([namespace])
  await expect(planChanges(client, desired, owner)).rejects.toMatchObject({
    code: 'FND_OBJECT_FOREIGN',
    message: expect.stringContaining('Namespace monitoring'),
    hint: expect.stringContaining('--name other'),
  })
})

it('goes on in a namespace of its own', async () => {
  const { client } = memoryCluster(desired.slice(0, 1))
  const planned = await planChanges(client, desired, owner)
  expect(planned.map(({ change }) => change)).toEqual(['unchanged', 'create'])
})

it('tells a failure once every request beside it has ended, with what was made until then', async () => {
  const policies = ['fails', 'lasts'].map((name) => ({ ...policy, metadata: { ...policy.metadata, name } }))
  const { client, objects } = memoryCluster([], async ({ metadata }) => {
    if (metadata?.name === 'fails') throw new FndError('FND_CLUSTER_REFUSED', { object: 'fails', why: 'no' })
    if (metadata?.name === 'lasts') await new Promise((resolve) => setImmediate(resolve))
  })
  const made: string[] = []
  const changes = await planChanges(client, policies, owner)
  const applied = applyChanges(client, changes, ({ ref }) => made.push(ref.metadata.name))
  await expect(applied).rejects.toMatchObject({ code: 'FND_CLUSTER_REFUSED' })
  expect(made).toEqual(['lasts'])
  expect([...objects.keys()]).toEqual(['NetworkPolicy monitoring/lasts'])
})

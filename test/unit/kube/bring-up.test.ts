// `fnd up` in a cluster that exists, failing half-way: what this run made goes, what stood before stays.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolvePaths } from '../../../src/config/paths.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import { FndError } from '../../../src/errors/error.ts'
import type { KubernetesObject } from '../../../src/manifests/kubernetes-object.ts'
import { stackLabels } from '../../../src/manifests/labels.ts'
import { bringUp } from '../../../src/runtime/cluster/bring-up.ts'
import { kubernetesStack } from '../../../src/runtime/kubernetes/stack.ts'
import { readRecord } from '../../../src/runtime/record.ts'
import { memoryCluster } from './memory-cluster.ts'

const never = new AbortController().signal
const progress = { update: () => {} }
const labels = stackLabels('fnd', '1.0.0')
const object = (kind: string, name: string, namespace?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels, ...(namespace && { namespace }) },
})
const desired = [
  object('Namespace', 'monitoring'),
  object('ConfigMap', 'kept', 'monitoring'),
  object('ConfigMap', 'new', 'monitoring'),
  object('Service', 'refused', 'monitoring'),
]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-bring-up-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function stackIn(there: readonly KubernetesObject[], refuses: boolean) {
  const paths = resolvePaths({ FND_STATE_DIR: folder, FND_CACHE_DIR: folder }, folder)
  const { client, objects } = memoryCluster(there, ({ metadata }) => {
    if (refuses && metadata?.name === 'refused')
      throw new FndError('FND_CLUSTER_REFUSED', { object: 'Service refused', why: 'no' })
  })
  const stack = kubernetesStack(settingsSchema.parse({}), paths, async () => client)
  const up = () => bringUp(stack, 'prod', { connect: async () => client, desired: async () => desired })
  return { paths, objects, up }
}

it('takes back just what it has created, and the record of a stack that was not there', async () => {
  const { paths, objects, up } = stackIn(desired.slice(0, 2), true)
  const action = up()
  await expect(action.run(progress, never)).rejects.toMatchObject({ code: 'FND_CLUSTER_REFUSED' })
  expect([...objects.keys()]).toContain('ConfigMap monitoring/new')
  expect(await readRecord(paths, 'fnd')).toMatchObject({ runtime: 'cluster', context: 'prod' })
  await action.undo?.()
  expect([...objects.keys()]).toEqual(['Namespace monitoring', 'ConfigMap monitoring/kept'])
  expect(existsSync(paths.stack('fnd'))).toBe(false)
})

it('leaves the record of a stack that was up before', async () => {
  const first = stackIn([], false)
  await first.up().run(progress, never)
  const { paths, up } = stackIn(desired.slice(0, 2), true)
  const again = up()
  await expect(again.run(progress, never)).rejects.toThrow()
  await again.undo?.()
  expect(await readRecord(paths, 'fnd')).toMatchObject({ context: 'prod' })
})

it('names what it changes and removes of a stack that stood before', async () => {
  const other = { ...object('ConfigMap', 'kept', 'monitoring'), data: { scrape: '5s' } }
  const { up } = stackIn(
    [desired[0] as KubernetesObject, other, object('ConfigMap', 'gone', 'monitoring')],
    false,
  )
  expect((await up().run(progress, never)).detail).toBe(
    '4 objects: 2 created, 1 configured, 1 unchanged, 1 removed; configured ConfigMap monitoring/kept; removed ConfigMap monitoring/gone',
  )
})

import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/manifests/kubernetes-object.ts'
import { renderManifests } from '../../../src/manifests/render.ts'
import { toYaml } from '../../../src/manifests/template.ts'
import { clusterValues, kindValues } from './values.ts'

const yamlOf = (objects: readonly KubernetesObject[]) => objects.map((object) => toYaml(object)).join('---\n')

describe('the manifests of a stack', () => {
  it('on kind', async () => {
    await expect(yamlOf(renderManifests(kindValues()))).toMatchFileSnapshot('snapshots/kind.yaml')
  })

  it('on a cluster: an autoscaler, a volume, no node ports, a Secret that is expected to be there', async () => {
    const values = clusterValues({ name: 'other' }, {})
    await expect(
      yamlOf(renderManifests({ ...values, grafana: { ...values.grafana, adminPassword: undefined } })),
    ).toMatchFileSnapshot('snapshots/cluster.yaml')
  })
})

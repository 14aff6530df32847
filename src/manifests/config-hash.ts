// Writes a hash of the ConfigMaps and Secrets that a pod template uses into the template, so that a change rolls its pods.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { KubernetesObject } from './kubernetes-object.ts'
import { CONFIG_ANNOTATION } from './labels.ts'

const CONFIG_KINDS = ['ConfigMap', 'Secret']

/** The part of a workload that names what its pods use. */
const workload = z.looseObject({
  template: z.looseObject({
    metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
  }),
})

/** The same objects, each workload's pod template annotated where it uses rendered ConfigMaps or Secrets. */
export function withConfigHashes(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const configs = objects.filter((object) => CONFIG_KINDS.includes(object.kind))
  return objects.map((object) => {
    const spec = workload.safeParse(object.spec)
    if (!spec.success) return object
    const named = namesOf(spec.data.template)
    const used = configs.filter(
      ({ kind, metadata }) =>
        metadata.namespace === object.metadata.namespace && named.has(`${kind}/${metadata.name}`),
    )
    if (!used.length) return object
    const hash = createHash('sha256')
    for (const config of used) hash.update(JSON.stringify([config.kind, config.metadata.name, config.data]))
    const { template } = spec.data
    const annotations = {
      ...template.metadata.annotations,
      [CONFIG_ANNOTATION]: hash.digest('hex').slice(0, 16),
    }
    return {
      ...object,
      spec: {
        ...spec.data,
        template: { ...template, metadata: { ...template.metadata, annotations } },
      },
    } as KubernetesObject
  })
}

/** Every ConfigMap and Secret that a pod template refers to, as `Kind/name`, wherever it does so. */
function namesOf(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found
  for (const [key, value] of Object.entries(node)) {
    const name = z.looseObject({ name: z.string() }).safeParse(value).data?.name
    if (name && /^configMap(Ref|KeyRef)?$/.test(key)) found.add(`ConfigMap/${name}`)
    if (name && /^secret(Ref|KeyRef)$/.test(key)) found.add(`Secret/${name}`)
    if (key === 'secretName' && typeof value === 'string') found.add(`Secret/${value}`)
    namesOf(value, found)
  }
  return found
}

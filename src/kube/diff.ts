// A planned change as people read it: a unified diff of YAML, with fingerprints in place of secrets.

import { createHash } from 'node:crypto'
import { createTwoFilesPatch } from 'diff'
import { stringify } from 'yaml'
import type { PlannedChange } from './apply.ts'
import { declaredPart, type KubeObject, titleOf } from './object.ts'

const CONTEXT_LINES = 3

/** The unified diff of one change; '' when it changes nothing. */
export function diffOf({ change, ref, live, wanted }: PlannedChange): string {
  if (change === 'unchanged') return ''
  const title = titleOf(ref)
  return createTwoFilesPatch(
    change === 'create' ? '/dev/null' : `${title} (in the cluster)`,
    change === 'remove' ? '/dev/null' : `${title} (wanted)`,
    live ? readable(live) : '',
    wanted ? readable(wanted) : '',
    undefined,
    undefined,
    { context: CONTEXT_LINES },
  ).replace(/^=+\n/, '')
}

/** An object as YAML: what was declared, without the values of secrets. */
export function readable(object: KubeObject): string {
  return stringify(withoutSecrets(declaredPart(object)), { lineWidth: 0 })
}

/** The same object with each value of a Secret replaced by its fingerprint. */
export function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const hidden = Object.fromEntries(
    ['data', 'stringData'].flatMap((field) => {
      const values = object[field]
      if (typeof values !== 'object' || values === null) return []
      return [
        [field, Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fingerprint(value)]))],
      ]
    }),
  )
  return { ...object, ...hidden }
}

function fingerprint(value: unknown): string {
  return `(secret, SHA-256 ${createHash('sha256').update(String(value)).digest('hex').slice(0, 8)})`
}

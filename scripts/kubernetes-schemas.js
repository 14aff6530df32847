// Keeps the few schemas that the manifests need, from a live API server: node scripts/kubernetes-schemas.js [--kubeconfig …]
// The arguments go to kubectl. Descriptions are left out, and unknown fields are forbidden, as the API server does it when it is strict.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const ROOTS = {
  'api/v1': ['Namespace', 'ServiceAccount', 'Secret', 'ConfigMap', 'PersistentVolumeClaim', 'Service'],
  'apis/apps/v1': ['Deployment'],
  'apis/autoscaling/v2': ['HorizontalPodAutoscaler'],
  'apis/networking.k8s.io/v1': ['NetworkPolicy'],
  'apis/policy/v1': ['PodDisruptionBudget'],
  'apis/rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding'],
}
const REF = '#/components/schemas/'

const get = (path) =>
  JSON.parse(
    execFileSync('kubectl', [...process.argv.slice(2), 'get', '--raw', path], { maxBuffer: 1 << 28 }),
  )

/** The schema as JSON Schema: references into $defs, no descriptions, no unknown fields. */
function strict(node) {
  if (Array.isArray(node)) return node.map(strict)
  if (typeof node !== 'object' || node === null) return node
  const out = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === 'description' && typeof value === 'string') continue
    if (key === 'default' || key.startsWith('x-kubernetes-')) continue
    out[key] = key === '$ref' ? value.replace(REF, '#/$defs/') : strict(value)
  }
  if (out.properties && out.additionalProperties === undefined) out.additionalProperties = false
  return out
}

const kept = {}
const kinds = {}
for (const [group, names] of Object.entries(ROOTS)) {
  const { schemas } = get(`/openapi/v3/${group}`).components
  const keep = (name) => {
    if (kept[name]) return
    kept[name] = strict(schemas[name])
    for (const [, used] of JSON.stringify(schemas[name]).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      keep(used)
  }
  for (const kind of names) {
    const name = Object.keys(schemas).find((key) => key.endsWith(`.${kind}`))
    kinds[`${group.replace(/^apis?\//, '')}/${kind}`] = name
    keep(name)
  }
}

const { gitVersion } = get('/version')
const [, minor] = /^v(\d+\.\d+)/.exec(gitVersion)
const file = new URL(`../test/fixtures/kubernetes-schemas/v${minor}.json`, import.meta.url)
writeFileSync(file, `${JSON.stringify({ version: gitVersion, kinds, $defs: kept })}\n`)

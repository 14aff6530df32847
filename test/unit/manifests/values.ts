// Values that the manifest tests render from.
import { settingsSchema } from '../../../src/config/schema.ts'
import { type ManifestInput, manifestValuesOf } from '../../../src/manifests/values.ts'

export const RULES = 'groups: []\n'

export const input: ManifestInput = {
  target: 'kind',
  version: '0.1.0',
  images: {
    backend: 'localhost/fnd-backend:0123456789abcdef',
    prometheus: 'prom/prometheus:v3.5.3',
    grafana: 'grafana/grafana:12.4.0',
  },
  rules: RULES,
  dashboards: { 'fnd.json': '{"title":"fnd"}' },
  adminPassword: 'correct horse battery staple',
}

/** Values of a stack on kind, with what the test changes. */
export const kindValues = (settings: object = {}, change: Partial<ManifestInput> = {}) =>
  manifestValuesOf(settingsSchema.parse(settings), { ...input, ...change })

/** Values of a stack on a cluster that exists. */
export const clusterValues = (settings: object = {}, change: Partial<ManifestInput> = {}) =>
  kindValues(settings, { target: 'cluster', ...change })

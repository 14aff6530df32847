// Image references: which images a stack uses by default, what replaces them, what their tags say.

import type { Settings } from '../config/schema.ts'
import { VERSIONS } from '../versions.ts'

/** Each can be replaced by a setting of images.*. */
const DEFAULTS = {
  base: `node:${VERSIONS.node}-bookworm-slim`,
  prometheus: `prom/prometheus:v${VERSIONS.prometheus}`,
  grafana: `grafana/grafana:${VERSIONS.grafana}`,
  s3: `versity/versitygw:v${VERSIONS.versitygw}`,
} as const

export type ImageName = keyof typeof DEFAULTS

/** The reference to use: the setting's, else the default one, from the mirror where there is one. */
export function imageReference(name: ImageName, settings: Settings['images']): string {
  const given = settings[name]
  if (given) return given
  const reference = DEFAULTS[name]
  if (!settings.mirror) return reference
  // docker.io keeps the names without an owner under library/.
  return `${settings.mirror.replace(/\/+$/, '')}/${reference.includes('/') ? '' : 'library/'}${reference}`
}

/** The tag of a reference, without the `v` that some publishers put before the number; '' for none (a digest alone). */
export function imageVersion(reference: string): string {
  const name = reference.split('@')[0] ?? ''
  const tag = /:([^:/]+)$/.exec(name)?.[1] ?? ''
  return tag.replace(/^v(?=\d)/, '')
}

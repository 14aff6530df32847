// Two bundles side by side: which files, settings, quality figures and statements differ.

import type { Manifest } from '../detector/bundle.ts'

export interface Change {
  /** Dotted path: `config.temperature`, `manifest.metrics.validation.accuracy`, `files.model.onnx`. */
  what: string
  from?: unknown
  to?: unknown
}

/** What is compared of a bundle. */
export interface Comparable {
  manifest: Manifest
  config: unknown
}

/** Everything that differs, in the order of the manifest, then the files, then the config. */
export function compareBundles(a: Comparable, b: Comparable): Change[] {
  const fileTable = ({ files }: Manifest): Map<string, unknown> =>
    new Map(files.map(({ path, size, sha256 }) => [`files.${path}`, `${sha256.slice(0, 12)}, ${size} bytes`]))
  const said = ({ files: _, ...rest }: Manifest): Map<string, unknown> => leaves(rest, 'manifest')
  return [
    ...changes(said(a.manifest), said(b.manifest)),
    ...changes(fileTable(a.manifest), fileTable(b.manifest)),
    ...changes(leaves(a.config, 'config'), leaves(b.config, 'config')),
  ]
}

function changes(a: Map<string, unknown>, b: Map<string, unknown>): Change[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((what) => a.get(what) !== b.get(what))
    .map((what) => ({
      what,
      ...(a.has(what) ? { from: a.get(what) } : {}),
      ...(b.has(what) ? { to: b.get(what) } : {}),
    }))
}

function leaves(value: unknown, at: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map([[at, value]])
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, `${at}.${key}`)]))
}

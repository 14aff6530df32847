// The Grafana dashboards that ship with this package.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { packageRoot } from '../package.ts'

/** Dashboards by file name, as JSON text. */
export function shippedDashboards(): Record<string, string> {
  const folder = `${packageRoot}templates/grafana/dashboards`
  if (!existsSync(folder)) return {}
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]))
}

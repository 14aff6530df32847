// templates/grafana/dashboards/*.json: the Grafana dashboards, from the catalogue of panels.

import { dashboards } from '../../dist/observe/dashboards.js'

export function dashboardFiles() {
  return Object.fromEntries(
    Object.entries(dashboards()).map(([name, model]) => [
      `templates/grafana/dashboards/${name}`,
      `${JSON.stringify(model, null, 2)}\n`,
    ]),
  )
}

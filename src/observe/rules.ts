// The rule file that Prometheus loads, written from the objectives and the alerts.

import { stringify } from 'yaml'
import type { Settings } from '../config/schema.ts'
import { promDuration } from '../units.ts'
import { alerts } from './alerts.ts'
import { sloRecordings } from './slo.ts'

/**
 * Where a runbook stands, as the annotation `runbook_url` of an alert says it: a page of this package, by the name of the
 * alert, or `Page#section`.
 */
export function runbookOf(name: string): string {
  const [page, section] = name.split('#')
  return `docs/runbooks/${page}.md${section === undefined ? '' : `#${section}`}`
}

/** Recording and alert rules as YAML, valid for Prometheus 2.42 and 3.x. */
export function ruleFile(settings: Pick<Settings, 'slo'>): string {
  const { slo } = settings
  return stringify(
    {
      groups: [
        { name: 'fnd-slo', interval: '30s', rules: sloRecordings(slo) },
        {
          name: 'fnd-alerts',
          rules: alerts(slo).map((alert) => ({
            alert: alert.name,
            expr: alert.expr,
            for: promDuration(alert.for),
            labels: { severity: alert.severity, ...alert.labels },
            annotations: { summary: alert.summary, runbook_url: runbookOf(alert.name) },
          })),
        },
      ],
    },
    { lineWidth: 0 },
  )
}

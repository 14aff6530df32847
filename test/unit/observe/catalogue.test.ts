import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { alerts } from '../../../src/observe/alerts.ts'
import { CATALOGUE, PANELS } from '../../../src/observe/catalogue.ts'
import { toPromql } from '../../../src/observe/expression.ts'
import { syntaxError } from './promql.ts'

const scope = { selector: 'job="backend"', range: '5m' }
const queries = PANELS.flatMap((panel) => panel.queries.map((query) => ({ id: panel.id, query })))

describe('the catalogue', () => {
  it.each(queries)('$id, $query.legend, is PromQL, alone and by instance', ({ query }) => {
    expect(syntaxError(toPromql(query.expression, scope))).toBeUndefined()
    expect(syntaxError(toPromql(query.expression, { ...scope, by: ['instance'] }))).toBeUndefined()
  })

  it('gives every panel its own id, a title and a description', () => {
    expect(new Set(PANELS.map((panel) => panel.id)).size).toBe(PANELS.length)
    for (const panel of PANELS) {
      expect(panel.title).not.toBe('')
      expect(panel.description).toMatch(/\.$/)
    }
  })

  it('names an existing alert as the runbook', () => {
    const names = alerts(settingsSchema.parse({}).slo).map((alert) => alert.name)
    for (const panel of PANELS) if (panel.runbook) expect(names).toContain(panel.runbook)
  })

  it('writes PromQL as an operator would', () => {
    expect(toPromql(CATALOGUE.cpu.queries[0].expression, scope)).toBe(
      'sum(rate(process_cpu_seconds_total{job="backend"}[5m]))',
    )
    expect(toPromql(CATALOGUE.predictionMean.queries[0].expression, scope)).toBe(
      'sum(rate(prediction_latency_seconds_sum{job="backend"}[5m])) / sum(rate(prediction_latency_seconds_count{job="backend"}[5m]))',
    )
    expect(toPromql({ kind: 'quantile', q: 0.95, histogram: 'prediction_latency_seconds' }, scope)).toBe(
      'histogram_quantile(0.95, sum by (le) (rate(prediction_latency_seconds_bucket{job="backend"}[5m])))',
    )
  })

  it('matches a whole bucket edge as Prometheus 2 and 3 write it', () => {
    expect(toPromql({ kind: 'above', histogram: 'prediction_latency_seconds', edge: 1 }, scope)).toContain(
      'le=~"1|1.0"',
    )
  })
})

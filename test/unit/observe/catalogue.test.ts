import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CATALOGUE, PANELS } from '../../../src/observe/catalogue.ts'
import { toPromql } from '../../../src/observe/expression.ts'
import { runbookOf } from '../../../src/observe/rules.ts'
import { packageRoot } from '../../../src/package.ts'
import { syntaxError } from './promql.ts'

const scope = { selector: 'job="backend"', range: '5m' }
const queries = PANELS.flatMap((panel) => panel.queries.map((query) => ({ id: panel.id, query })))

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (title: string) => title.toLowerCase().replaceAll(' ', '-')

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

  it('says of every panel what to do when it is bad: a page, and a section of it, that exist', () => {
    for (const { id, runbook } of PANELS) {
      const [path = '', section] = runbookOf(runbook).split('#')
      const page = readFileSync(`${packageRoot}${path}`, 'utf8')
      const sections = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title ?? ''))
      expect(sections, id).toContain(section ?? anchorOf(runbook))
    }
  })

  it('has a section only for panels that name it', () => {
    const page = readFileSync(`${packageRoot}${runbookOf('Panels')}`, 'utf8')
    const sections = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => `Panels#${anchorOf(title ?? '')}`)
    expect(PANELS.map(({ runbook }) => runbook)).toEqual(expect.arrayContaining(sections))
    expect(sections.length).toBeGreaterThan(0)
  })

  it('gives every panel a threshold, or the reason why it has none', () => {
    for (const { id, threshold } of PANELS) {
      if ('none' in threshold) expect(threshold.none.length, id).toBeGreaterThan(20)
      else if (threshold.when === 'above') expect(threshold.bad, id).toBeGreaterThanOrEqual(threshold.warning)
      else expect(threshold.bad, id).toBeLessThanOrEqual(threshold.warning)
    }
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

// The rules of grafana/dashboard-linter, which cannot be installed here, held by hand.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PANELS } from '../../../src/observe/catalogue.ts'
import { packageRoot } from '../../../src/package.ts'
import { selectors, syntaxError } from './promql.ts'

const datasource = z.object({ type: z.literal('prometheus'), uid: z.string() })
const panelSchema = z.object({
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: datasource.optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
  targets: z
    .array(z.object({ expr: z.string(), refId: z.string(), datasource, exemplar: z.boolean().optional() }))
    .optional(),
})
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  editable: z.boolean(),
  schemaVersion: z.number(),
  templating: z.object({
    list: z.array(
      z.object({
        type: z.string(),
        name: z.string(),
        label: z.string(),
        query: z.string(),
        datasource: datasource.optional(),
        refresh: z.number().optional(),
        multi: z.boolean().optional(),
        allValue: z.string().optional(),
      }),
    ),
  }),
  annotations: z.object({
    list: z.array(z.object({ name: z.string(), expr: z.string(), datasource, enable: z.boolean() })),
  }),
  links: z.array(
    z.object({
      type: z.string(),
      tags: z.array(z.string()),
      keepTime: z.boolean(),
      includeVars: z.boolean(),
    }),
  ),
  tags: z.array(z.string()),
  panels: z.array(panelSchema),
})

const folder = `${packageRoot}templates/grafana/dashboards`
const dashboards = readdirSync(folder).map((file) => ({
  file,
  board: dashboardSchema.parse(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))),
}))
const targets = dashboards.flatMap(({ file, board }) =>
  board.panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({ file, title: panel.title, expr: target.expr })),
  ),
)
/** Panels whose question names its own range: the linter's documented way out is an exclusion like this one. */
const FIXED_RANGE = PANELS.filter((panel) => panel.queries.some((query) => query.range)).map((p) => p.title)

describe.each(dashboards)('$file', ({ file, board }) => {
  it('cannot be edited and has the uid that links to it carry', () => {
    expect(board.editable).toBe(false)
    expect({ 'overview.json': 'fnd-overview', 'model.json': 'fnd-model' }[file]).toBe(board.uid)
  })

  it('links to the other dashboards of the stack, with the same time and variables', () => {
    expect(board.links).toContainEqual({
      type: 'dashboards',
      tags: ['fnd'],
      keepTime: true,
      includeVars: true,
    })
    expect(board.tags).toContain('fnd')
  })

  it('takes its variables from the chosen data source, anew with each range of time', () => {
    const asked = board.templating.list.filter((entry) => entry.type === 'query')
    expect(asked.map(({ name }) => name)).toEqual(['job', 'namespace', 'pod', 'instance'])
    for (const { name, query, datasource: from, refresh } of asked) {
      expect(from?.uid, name).toBe('$datasource')
      expect(refresh, name).toBe(2)
      const [, metric = '', label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? []
      expect(label).toBe(name)
      expect(syntaxError(metric), query).toBeUndefined()
    }
  })

  it('has templates for data source, job and instance as the linter wants them', () => {
    const variable = (name: string) => board.templating.list.find((entry) => entry.name === name)
    expect(variable('datasource')).toMatchObject({
      type: 'datasource',
      query: 'prometheus',
      label: 'Data source',
    })
    for (const [name, label] of [
      ['job', 'Job'],
      ['instance', 'Instance'],
    ] as const)
      expect(variable(name)).toMatchObject({ type: 'query', label, refresh: 2, multi: true, allValue: '.+' })
    for (const name of ['namespace', 'pod']) expect(variable(name)?.allValue).toBe('.*')
  })

  it('describes every panel, with unit, data source and targets', () => {
    for (const panel of board.panels.filter((entry) => entry.type !== 'row')) {
      expect(panel.title).not.toBe('')
      expect(panel.description, panel.title).toBeTruthy()
      // Ids of Grafana's own units: the linter knows no others.
      expect(['s', 'percentunit', 'reqpm', 'bytes', 'short'], panel.title).toContain(
        panel.fieldConfig?.defaults.unit,
      )
      expect(panel.datasource?.uid).toBe('$datasource')
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0)
      const ids = panel.targets?.map((target) => target.refId) ?? []
      expect(new Set(ids).size, panel.title).toBe(ids.length)
      for (const target of panel.targets ?? []) {
        expect(target.datasource.uid).toBe('$datasource')
        expect(target.exemplar).toBe(false)
      }
    }
  })

  it('lets no panel overlap another or leave the grid', () => {
    const taken = new Set<string>()
    for (const { gridPos, title } of board.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} at ${x},${y}`).toBe(false)
          taken.add(`${x},${y}`)
        }
    }
  })

  it('marks model changes and restarts', () => {
    for (const { expr, enable, datasource: from } of board.annotations.list) {
      expect(syntaxError(expr)).toBeUndefined()
      expect(enable).toBe(true)
      expect(from.uid).toBe('$datasource')
    }
    expect(board.annotations.list.map((entry) => entry.name)).toEqual(
      expect.arrayContaining(['Model changed', 'Backend restarted']),
    )
  })
})

describe('the queries of the dashboards', () => {
  it.each(targets)('$file, $title: $expr', ({ title, expr }) => {
    expect(syntaxError(expr)).toBeUndefined()
    // Recorded series and Prometheus' own metrics carry no label of the backend.
    for (const selector of selectors(expr).filter((text) => !/^(fnd:|prometheus_)/.test(text))) {
      expect(selector).toContain('job=~"$job"')
      expect(selector).toContain('instance=~"$instance"')
    }
    for (const [range] of expr.matchAll(/\[[^\]]+\]/g))
      if (!FIXED_RANGE.includes(title)) expect(range).toBe('[$__rate_interval]')
    // A counter says nothing before it stands under rate.
    // What a bundle states of its reference texts does not grow.
    for (const [counter] of expr.matchAll(/\b(?!model_reference_)\w+(_total|_bucket|_sum|_count)\{/g))
      expect(expr).toMatch(new RegExp(`(rate|increase)\\(${counter.replace('{', '\\{')}`))
  })

  it('show every panel of the catalogue', () => {
    const shown = dashboards.flatMap(({ board }) =>
      board.panels.map((panel) => panel.title.replace(/ \(cores\)$/, '')),
    )
    expect(PANELS.map((panel) => panel.title).filter((title) => !shown.includes(title))).toEqual([])
  })

  it('answer the four questions in the first row of the overview', () => {
    const overview = dashboards.find(({ file }) => file === 'overview.json')?.board
    const first = overview?.panels.filter((panel) => panel.gridPos.y < 9).map((panel) => panel.title)
    expect(first).toEqual([
      'Request rate',
      'Error rate',
      'AI prediction latency',
      'Mean AI prediction latency, last hour',
      'CPU of the model process (cores)',
      'Memory of the model process',
    ])
  })
})

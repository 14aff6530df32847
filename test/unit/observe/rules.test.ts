import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { settingsSchema } from '../../../src/config/schema.ts'
import { alerts } from '../../../src/observe/alerts.ts'
import { ruleFile, runbookOf } from '../../../src/observe/rules.ts'
import { BURN_WINDOWS, burnFactor } from '../../../src/observe/slo.ts'
import { packageRoot } from '../../../src/package.ts'
import { syntaxError } from './promql.ts'

interface Rule {
  alert?: string
  record?: string
  expr: string
  annotations?: Record<string, string>
}
const settings = settingsSchema.parse({})
const { slo } = settings
const rules = (parse(ruleFile(settings)) as { groups: { rules: Rule[] }[] }).groups.flatMap((g) => g.rules)

describe('the rule file', () => {
  it.each(rules.map((rule) => [rule.alert ?? rule.record, rule.expr]))('%s is PromQL: %s', (_, expr) => {
    expect(syntaxError(expr ?? '')).toBeUndefined()
  })

  it('uses no recorded series that it does not record', () => {
    const recorded = new Set(rules.flatMap((rule) => rule.record ?? []))
    const used = rules.flatMap((rule) => rule.expr.match(/fnd:[\w:]+/g) ?? [])
    expect(used.length).toBeGreaterThan(0)
    expect(used.filter((name) => !recorded.has(name))).toEqual([])
  })

  it('gives each alert a severity, a summary and a page that exists', () => {
    for (const alert of alerts(slo)) {
      expect(alert.summary).not.toBe('')
      const page = `${packageRoot}${runbookOf(alert.name)}`
      expect(existsSync(page), page).toBe(true)
      expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^# ${alert.name}\n\n## What it means\n`))
    }
    const annotations = rules.filter((rule) => rule.alert).map((rule) => rule.annotations?.runbook_url)
    expect(new Set(annotations)).toEqual(new Set(alerts(slo).map((alert) => runbookOf(alert.name))))
  })

  it('has no page without an alert, and pages link only to pages', () => {
    const pages = readdirSync(`${packageRoot}docs/runbooks`)
    // Panels without an alert share a page.
    const wanted = new Set([...alerts(slo).map((alert) => `${alert.name}.md`), 'Panels.md'])
    expect(pages.sort()).toEqual([...wanted].sort())
    for (const page of pages) {
      const links = readFileSync(`${packageRoot}docs/runbooks/${page}`, 'utf8').matchAll(/\]\(([^)]+)\)/g)
      for (const [, link] of links) expect(pages).toContain(link)
    }
  })
})

describe('burn rates', () => {
  it('are those of the workbook for a window of 30 days', () => {
    expect(BURN_WINDOWS.map((window) => burnFactor(window, slo))).toEqual([14.4, 6, 3, 1])
  })

  it('follow the objective in the alert', () => {
    const strict = { ...slo, availability: 0.999 }
    expect(alerts(strict)[0]?.expr).toContain('> 0.0144')
  })
})

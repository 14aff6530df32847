// `fnd report` over a real Prometheus that holds a known past.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, type Report } from '../../src/commands/report/answer.ts'
import { CATALOGUE } from '../../src/observe/catalogue.ts'
import { PROCESS_METRIC } from '../../src/service/metric-names.ts'
import { browser, startBrowser } from '../support/browser.ts'
import { Past } from '../support/past.ts'
import { emptyHome } from '../support/program.ts'
import type { PrometheusServer } from '../support/prometheus-server.ts'
import { ScriptedBackend } from '../support/scripted-backend.ts'

// An hour, scraped every 15 s: 20 requests a second; from minute 30 to 42 predictions wait 25 times as long as they
// take; the alert about it fires from minute 34 on; at minute 50 the process starts anew with another model.
const END = Math.floor(Date.now() / 1000) - 60
const MINUTE = 60
const START = END - 60 * MINUTE
const at = (minute: number) => START + minute * MINUTE
const HOSTILE = '</script><script>alert(1)</script><!--'
const iso = (time: number) => new Date(time * 1000).toISOString().slice(0, 19)

let prometheus: PrometheusServer

beforeAll(async () => {
  const past = new Past()
  let backend = new ScriptedBackend()
  backend.set(PROCESS_METRIC.startTime, START - 7200)
  for (let time = START - 5 * MINUTE; time <= END; time += 15) {
    if (time >= at(50) && time < at(50) + 15) {
      backend = new ScriptedBackend({ version: '0.2.0' })
      backend.set(PROCESS_METRIC.startTime, time - 5)
    }
    const slow = time >= at(30) && time < at(42)
    for (let n = 0; n < 300; n += 1) {
      backend.request({
        route: n === 0 ? HOSTILE : '/predict',
        status: slow && n % 50 === 0 ? 503 : 200,
        stages: {
          tokenize: 0.001,
          queue: slow ? 0.5 + (n % 10) / 8 : 0.002 + (n % 7) / 2000,
          inference: 0.012 + (n % 40) / 4000,
        },
        label: n % 5 === 0 ? 'Uncertain' : n % 2 ? 'Fake' : 'Real',
        confidence: 0.55 + (n % 45) / 100,
        tokens: 20 + (n % 60) * 9,
      })
    }
    backend.set('prediction_queue_depth', slow ? 48 : n0(time))
    backend.work(slow ? 15 : 7 + n0(time) / 3)
    await past.scrape(backend, time)
    if (time >= at(34) && time <= at(44)) {
      const labels = { alertname: 'LatencyBudgetBurn', severity: 'critical', alertstate: 'firing' }
      past.sample('ALERTS', { ...labels, long: '1h' }, 1, time)
    }
  }
  prometheus = await past.serve()
}, 120_000)
afterAll(async () => prometheus?.[Symbol.asyncDispose]())

const n0 = (time: number) => (time / 15) % 4
const range = () => ['--prometheus', prometheus.url.href, '--from', iso(START), '--to', iso(END)]

describe('fnd report', () => {
  it('says what happened in the range, from when to when, and why', async () => {
    using home = emptyHome()
    const { code, stdout, stderr } = await home.fnd(['report', '--json', ...range()])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const report: Report = answer.parse(JSON.parse(stdout).data)
    expect(report.state).toBe('unhealthy')
    // Whose Prometheus this is, fnd does not know.
    expect(report.stack).toBeUndefined()
    const [alert, missed] = report.findings
    expect(alert?.what).toMatch(/^Alert LatencyBudgetBurn \(critical\) fired for 10 min/)
    expect(missed?.what).toMatch(/^Latency missed in this range: 8\d(\.\d)? % instead of 95 %/)
    expect(missed?.cause).toMatch(/^queue: 9\d(\.\d)? % of a prediction’s time/)
    expect(report.changes.map(({ kind, what }) => [kind, what])).toEqual([
      ['restart', '127.0.0.1:8000 started'],
      ['model', 'model fnd-base 0.2.0 answers'],
    ])
  })

  it('has every entry of the catalogue, with its values', async () => {
    using home = emptyHome()
    const { stdout } = await home.fnd(['report', '--json', ...range()])
    const report: Report = answer.parse(JSON.parse(stdout).data)
    expect(report.panels.map((panel) => panel.id)).toEqual(Object.values(CATALOGUE).map(({ id }) => id))
    const rates = report.panels.find(({ id }) => id === 'request-rate')?.series[0]?.values ?? []
    expect(rates).toHaveLength(report.times.length)
    for (const rate of rates) expect(Math.abs((rate ?? 0) / 1200 - 1)).toBeLessThan(0.05)
  })

  it('writes one page that asks nothing of the network and escapes what a label holds', async () => {
    using home = emptyHome()
    const { code, stderr, stdout } = await home.fnd(['report', '-o', 'report.html', ...range()])
    expect(stderr).toContain('The page is in report.html')
    expect(stdout).toMatch(/^× unhealthy/)
    expect(code).toBe(0)
    const html = readFileSync(join(home.folder, 'report.html'), 'utf8')
    expect(html).toContain(`Prometheus <b>${prometheus.url.host}</b>`)
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(1)')
    expect(html).not.toContain(HOSTILE)
    expect(html).not.toMatch(/<script[^>]* src=|<link|@import|url\(/i)
    // Two scripts: the data and the charts. A label that broke out would make more.
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.match(/<\/script>/g)).toHaveLength(2)
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? ''
    const routes = JSON.parse(data).panels.find((panel: { id: string }) => panel.id === 'requests-by-route')
    expect(routes.series.map((series: { legend: string }) => series.legend)).toContain(`${HOSTILE} 200`)
  })

  it('gives each chart a name and its figures as text', async () => {
    using home = emptyHome()
    const { stdout: html } = await home.fnd(['report', '-o', '-', ...range()])
    const figures = html.split('<figure').slice(1)
    expect(figures).toHaveLength(Object.keys(CATALOGUE).length)
    for (const figure of figures) {
      expect(figure).toMatch(/aria-labelledby="[\w-]+-title"/)
      expect(figure).toMatch(/<table|No data in this range/)
    }
    expect(html).toContain('>Runbooks of these alerts</h2>')
  })

  it.skipIf(!browser)(
    'draws every chart, and fits a phone, a laptop and narrower, light and dark',
    async () => {
      using home = emptyHome()
      await home.fnd(['report', '-o', 'report.html', ...range()])
      await using page = await startBrowser()
      for (const domain of ['Page', 'Log', 'Runtime']) await page.call(`${domain}.enable`)
      for (const [width, scheme] of [
        [320, 'light'],
        [390, 'dark'],
        [1366, 'light'],
      ] as const) {
        const size = { width, height: 844, deviceScaleFactor: 1, mobile: width < 1000 }
        await page.call('Emulation.setDeviceMetricsOverride', size)
        await page.call('Emulation.setEmulatedMedia', {
          features: [{ name: 'prefers-color-scheme', value: scheme }],
        })
        await page.call('Page.navigate', { url: pathToFileURL(join(home.folder, 'report.html')).href })
        await page.until(
          `document.querySelectorAll('.chart canvas').length > 20 && [...document.querySelectorAll('.chart')].every((one) => one.querySelector('canvas'))`,
        )
        // What scrolls by itself may be wider; nothing else may, and neither may the page.
        const wider = await page.until(
          `JSON.stringify([innerWidth, document.documentElement.scrollWidth <= innerWidth, [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.values')).map((one) => one.outerHTML.slice(0, 80))])`,
        )
        expect(JSON.parse(String(wider))).toEqual([width, true, []])
      }
      const complaints = page.events.filter(({ method }) => /entryAdded|exceptionThrown/.test(method))
      expect(complaints).toEqual([])
    },
  )

  it('says so when Prometheus has nothing about the range', async () => {
    using home = emptyHome()
    const old = ['--from', '2020-01-01', '--to', '2020-01-02', '--prometheus', prometheus.url.href]
    const { stdout, code } = await home.fnd(['report', ...old])
    expect(stdout).toMatch(/^\? unknown .*\n× Prometheus has nothing about this stack/)
    expect(code).toBe(0)
  })

  it.each([
    [['--from', 'yesterday'], 2, /--from takes a date or time/],
    [['--since', '1h', '--from', '2020-01-01'], 2, /exclude each other/],
    [['--from', '2020-01-02', '--to', '2020-01-01'], 2, /before --to/],
    [['--json', '-o', '-'], 2, /both want stdout/],
    [['--prometheus', 'http://127.0.0.1:1/'], 1, /Prometheus at http:\/\/127.0.0.1:1\/ does not answer/],
    [['-o', '/nowhere/report.html'], 1, /Cannot write/],
    [[], 4, /./],
  ])('refuses %j', async (args, code, message) => {
    using home = emptyHome()
    const withPrometheus =
      args[0] === '-o' ? [...args, '--prometheus', prometheus.url.href] : (args as string[])
    const finished = await home.fnd(['report', ...withPrometheus])
    expect(finished.stdout + finished.stderr).toMatch(message)
    expect(finished.code).toBe(code)
  })
})

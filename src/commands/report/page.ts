// The report as one HTML page that needs nothing else: styles, charts and data are inside.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { moment, momentsWithin, number, percent, seconds } from '../../format.ts'
import { mean } from '../../observe/hindsight.ts'
import { figureText } from '../../observe/unit.ts'
import { Html, html, jsonScript } from '../../output/html.ts'
import { builtFile, packageRoot, packageVersion } from '../../package.ts'
import { promDuration } from '../../units.ts'
import type { Report } from './answer.ts'
import type { ChartData } from './browser/chart-data.ts'
import { rangeText, STATE_WORDS } from './render.ts'

type Panel = Report['panels'][number]

const NOTHING = html``
const SIGNS = { healthy: '✓', warning: '!', unhealthy: '✕', unknown: '?' } as const
const LEVELS = { bad: ['✕', 'bad'], warning: ['!', 'warning'], info: ['i', 'for information'] } as const
const GROUP_IDS = (group: string) => group.toLowerCase()

/** The whole page; reads the built chart script and styles, and the runbooks of the alerts that fired. */
export async function page(report: Report): Promise<string> {
  const [script, style, licence, runbooks] = await Promise.all([
    readFile(builtFile('commands/report/browser/charts.js'), 'utf8'),
    readFile(builtFile('commands/report/browser/page.css'), 'utf8'),
    readFile(builtFile('commands/report/browser/LICENSE.uPlot'), 'utf8'),
    runbooksOf(report),
  ])
  const groups = [...new Set(report.panels.map((panel) => panel.group))]
  const about = report.stack ?? new URL(report.prometheus.url).host
  const title = `${about}: ${STATE_WORDS[report.state]}, ${rangeText(report)}`
  // The page may run its own script and nothing else, whatever a label holds.
  const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'`
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="fnd ${packageVersion()}">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header class="top">
<p class="kicker">Fake-news detector · ${report.stack === undefined ? 'Prometheus' : 'stack'} <b>${about}</b></p>
<h1><span class="badge ${report.state}"><span aria-hidden="true">${SIGNS[report.state]}</span> ${capital(STATE_WORDS[report.state])}</span></h1>
<p class="range"><time datetime="${iso(report.from)}">${moment(report.from)}</time> to <time datetime="${iso(report.to)}">${moment(report.to)}</time> UTC <span class="quiet">(${seconds(report.to - report.from)})</span></p>
<nav aria-label="Sections">${groups.map((group) => html`<a href="#${GROUP_IDS(group)}">${group}</a>`)}</nav>
</header>
<main>
${keyFigures(report)}
<section aria-labelledby="findings"><h2 id="findings">What happened</h2>${findings(report)}</section>
${timeline(report)}
<section aria-labelledby="objectives-kept"><h2 id="objectives-kept">Objectives</h2>${objectives(report)}</section>
${groups.map(
  (
    group,
  ) => html`<section aria-labelledby="${GROUP_IDS(group)}"><h2 id="${GROUP_IDS(group)}">${group}</h2><div class="charts">
${report.panels.filter((panel) => panel.group === group).map((panel) => figure(panel, report))}
</div></section>`,
)}
${runbooks}
</main>
<footer>
<p>Read from Prometheus ${report.prometheus.version} at ${report.prometheus.url} on ${report.at.slice(0, 16).replace('T', ' ')} UTC by fnd ${packageVersion()}; a point every ${seconds(report.step)}, rates over ${report.rateRange}. All times are UTC.</p>
<p class="quiet">Charts: uPlot, © Leon Sorokin, MIT licence (its text is in the source of this page).</p>
</footer>
${jsonScript('data', chartData(report))}
${new Html(`<!--\nuPlot:\n${licence.trim()}\n-->\n<script>${script}</script>`)}
</body>
</html>
`
  return document.text
}

/** What the charts need of the report. */
function chartData(report: Report): ChartData {
  return {
    times: report.times,
    changes: report.changes,
    panels: report.panels.filter(hasData).map((panel) => ({
      id: panel.id,
      unit: panel.unit,
      view: panel.view,
      ...(panel.threshold ? { threshold: panel.threshold } : {}),
      series: panel.view === 'heatmap' ? panel.series : withData(panel),
      fired: report.alerts.find((alert) => alert.name === panel.runbook)?.spans ?? [],
    })),
  }
}

function keyFigures(report: Report): Html {
  const tile = (title: string, id: string, legend?: string) => {
    const panel = report.panels.find((one) => one.id === id)
    const series = panel?.series.find((one) => legend === undefined || one.legend === legend)
    const known = (series?.values ?? []).filter((value) => value !== null)
    const average = mean(known)
    return panel && average !== null
      ? html`<div class="tile"><dt>${title}</dt><dd>${figureText(average, panel.unit)}<small>peak ${figureText(Math.max(...known), panel.unit)}</small></dd></div>`
      : html`<div class="tile"><dt>${title}</dt><dd class="none">no data</dd></div>`
  }
  return html`<dl class="tiles" aria-label="Means over the range">
${tile('Request rate', 'request-rate')}
${tile('5xx errors', 'error-rate')}
${tile('p95 latency', 'prediction-latency', 'p95')}
${tile('CPU', 'cpu', 'used')}
${tile('Memory', 'memory', 'resident')}
</dl>`
}

function findings({ findings: all }: Report): Html {
  if (all.length === 0) return html`<p>Nothing worth telling: no alert fired, no value left its bounds.</p>`
  return html`<ul class="findings">${all.map(({ level, what, cause, mend }) => {
    const [sign, word] = LEVELS[level]
    return html`<li class="${level}"><span class="sign" title="${word}" aria-label="${word}" role="img">${sign}</span><div><p>${what}</p>${
      cause ? html`<p class="detail"><b>Cause</b> ${cause}</p>` : NOTHING
    }${mend ? html`<p class="detail quiet"><b>Mend</b> ${mend}</p>` : NOTHING}</div></li>`
  })}</ul>`
}

/** When alerts fired, as bars along the range; drawn as SVG, so that it prints and reads without a script. */
function timeline(report: Report): Html {
  if (report.alerts.length === 0) return NOTHING
  const share = (time: number) =>
    Number((((time - report.from) / (report.to - report.from)) * 100).toFixed(2))
  const tell = momentsWithin(report)
  const rows = report.alerts.map(({ name, severity, spans }) => {
    const words = spans.map((span) => `${tell(span.from)} to ${tell(span.to)}`).join(', ')
    return html`<tr><th scope="row">${name}</th><td>${severity}</td><td class="spans"><svg class="bar ${severity}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${spans.map(
      (span) =>
        html`<rect x="${share(span.from)}" y="0" width="${Math.max(0.5, share(span.to) - share(span.from))}" height="10"/>`,
    )}</svg><span class="quiet">${words}</span></td></tr>`
  })
  return html`<section aria-labelledby="alerts"><h2 id="alerts">Alerts that fired</h2>
<table class="alerts"><thead><tr><th scope="col">Alert</th><th scope="col">Severity</th><th scope="col">When (UTC)</th></tr></thead><tbody>${rows}</tbody></table></section>`
}

function objectives({ objectives: all, sloWindow }: Report): Html {
  const cell = (value: number | null, text: (n: number) => string) =>
    value === null ? 'no traffic' : text(value)
  return html`<div class="scroll"><table class="objectives"><thead><tr><th scope="col">Objective</th><th scope="col">Promised</th><th scope="col">In this range</th><th scope="col">Last ${promDuration(sloWindow)}</th><th scope="col">Budget left</th><th scope="col">Burn rate at the end</th></tr></thead><tbody>${all.map(
    (one) => {
      const kept = one.achievedInRange === null || one.achievedInRange >= one.target
      return html`<tr><th scope="row">${one.title}<small>${one.promise}</small></th><td data-title="Promised">${percent(one.target)}</td><td data-title="In this range" class="${kept ? '' : 'missed'}">${cell(one.achievedInRange, percent)}${kept ? '' : ' ✕ missed'}</td><td data-title="Last ${promDuration(sloWindow)}">${cell(one.achieved, percent)}</td><td data-title="Budget left">${cell(one.left, (left) => (left <= 0 ? 'spent' : percent(left)))}</td><td data-title="Burn rate at the end">${cell(one.burn1h, (burn) => `${number(burn)}x`)}</td></tr>`
    },
  )}</tbody></table></div>`
}

function figure(panel: Panel, report: Report): Html {
  const fired = report.alerts.some((alert) => alert.name === panel.runbook)
  const heading = html`<figcaption><h3 id="${panel.id}-title">${panel.title}</h3><p>${panel.description}${
    panel.threshold ? html` <span class="limits">${thresholdWords(panel)}</span>` : NOTHING
  }${fired ? html` <b class="alerted">✕ ${panel.runbook ?? ''} fired</b>` : NOTHING}</p></figcaption>`
  const queries = html`<details class="promql"><summary>PromQL</summary>${panel.promql.map((query) => html`<code>${query}</code>`)}</details>`
  if (!hasData(panel)) {
    return html`<figure class="empty" aria-labelledby="${panel.id}-title">${heading}<p class="none">No data in this range.</p>${queries}</figure>`
  }
  return html`<figure aria-labelledby="${panel.id}-title">${heading}<div class="chart" id="chart-${panel.id}" role="img" aria-label="${inWords(panel)}"></div>${
    panel.view === 'heatmap' ? heatTable(panel) : valueTable(panel)
  }${queries}</figure>`
}

/** Legend and text alternative in one: what each line was, in figures. */
function valueTable(panel: Panel): Html {
  return html`<div class="scroll"><table class="values"><thead><tr><th scope="col">Series</th><th scope="col">Least</th><th scope="col">Mean</th><th scope="col">Most</th><th scope="col" class="last">Last</th></tr></thead><tbody>${withData(
    panel,
  ).map(({ legend, values }, at) => {
    const known = values.filter((value) => value !== null)
    const figures = [Math.min(...known), mean(known) ?? 0, Math.max(...known), known.at(-1) ?? 0]
    return html`<tr><th scope="row"><span class="key key${at % 6}" aria-hidden="true"></span>${legend}</th>${figures.map(
      (value, column) =>
        html`<td${column === 3 ? html` class="last"` : NOTHING}>${figureText(value, panel.unit)}</td>`,
    )}</tr>`
  })}</tbody></table></div>`
}

/** The distribution over the whole range. */
function heatTable(panel: Panel): Html {
  const sums = panel.series.map(({ legend, values }) => ({
    edge: Number(legend),
    share: values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
  }))
  const total = sums.reduce((sum, one) => sum + one.share, 0)
  const rows = sums.flatMap(({ edge, share }, at) => {
    if (share === 0) return []
    const below = sums[at - 1]?.edge
    const name = Number.isFinite(edge)
      ? `up to ${figureText(edge, panel.unit)}`
      : `above ${figureText(below ?? 0, panel.unit)}`
    return [html`<tr><th scope="row">${name}</th><td>${percent(share / total)}</td></tr>`]
  })
  return html`<details class="distribution"><summary>Whole range as a table</summary><table class="values"><thead><tr><th scope="col">Bucket</th><th scope="col">Share</th></tr></thead><tbody>${rows}</tbody></table></details>`
}

/** One sentence about a chart, for those who do not see it. */
function inWords(panel: Panel): string {
  if (panel.view === 'heatmap') return `Heat map of ${panel.title}; the table below has the shares.`
  const parts = withData(panel).map(({ legend, values }) => {
    const known = values.filter((value) => value !== null)
    return `${legend} between ${figureText(Math.min(...known), panel.unit)} and ${figureText(Math.max(...known), panel.unit)}`
  })
  return `${panel.title} over time: ${parts.join('; ')}.`
}

function thresholdWords({ threshold, unit }: Panel): string {
  if (!threshold) return ''
  const { when, warning, bad } = threshold
  return warning === bad
    ? `Bad ${when} ${figureText(bad, unit)}.`
    : `Warning ${when} ${figureText(warning, unit)}, bad ${when} ${figureText(bad, unit)}.`
}

/** What to do, for each alert that fired; a Prometheus of somebody else may know others, of which nothing is written. */
async function runbooksOf({ alerts }: Report): Promise<Html> {
  if (alerts.length === 0) return NOTHING
  const pages = await Promise.all(
    [...new Map(alerts.map((alert) => [alert.name, alert.runbook]))].map(async ([name, path]) => {
      const text =
        /^\w+$/.test(name) && (await readFile(`${packageRoot}${path}`, 'utf8').catch(() => undefined))
      if (!text) return NOTHING
      return html`<details class="runbook"><summary>${name}</summary><pre>${text.replace(/^# .*\n+/, '').trim()}</pre></details>`
    }),
  )
  return html`<section aria-labelledby="runbooks"><h2 id="runbooks">Runbooks of these alerts</h2>${pages}</section>`
}

/** The series worth a line: with values; in a stack, those that were ever above 0, where any was. */
function withData({ series, view }: Panel): Panel['series'] {
  const known = series.filter(({ values }) => values.some((value) => value !== null))
  const above = known.filter(({ values }) => values.some(Boolean))
  return view === 'stacked' && above.length ? above : known
}

const hasData = (panel: Panel) => withData(panel).length > 0
const iso = (time: number) => new Date(time * 1000).toISOString()
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const digest = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`

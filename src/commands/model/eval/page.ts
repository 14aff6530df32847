// The evaluation as one HTML page that needs nothing else: tables and drawn diagrams, no script.

import { count, number, percent, tally } from '../../../format.ts'
import { type Html, html } from '../../../output/html.ts'
import type { EvalAnswer } from './answer.ts'
import { probeSections } from './page-probes.ts'
import { figure, plain } from './render.ts'

type Group = EvalAnswer['overall']

const SIZE = 260
const MARGIN = 36

/** The whole page; every name in it is escaped. */
export function page(data: EvalAnswer): string {
  const { overall, balanced, model } = data
  const title = `${model.name} ${model.version} on ${data.data.file}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.2rem .8rem .2rem 0;text-align:right;font-variant-numeric:tabular-nums}
th:first-child{text-align:left}thead th{border-bottom:1px solid}.diagrams{display:flex;flex-wrap:wrap;gap:2rem}figure{margin:0}
svg{width:22rem;max-width:100%;height:auto;font-size:11px;fill:currentColor}svg .frame,svg .line{fill:none;stroke:currentColor}svg .ideal{stroke:currentColor;stroke-dasharray:4 4;opacity:.5}
svg .bar{fill:#3b82c4}svg .line{stroke:#3b82c4;stroke-width:2}.quiet{opacity:.7}
</style>
</head>
<body>
<h1>${title}</h1>
<p>${count(data.data.judged)} of ${tally(data.data.rows, 'row')} judged, ${share(overall.fakes)} of them fake. Model SHA-256 ${model.sha256.slice(0, 12)}. Intervals: 95 %, bootstrap.</p>
<p>The model says how a text reads, not whether it is true.</p>
<h2>Quality</h2>
<table><thead><tr><th></th><th>Accuracy</th><th>Macro-F1</th><th>AUROC</th><th>ECE</th></tr></thead><tbody>
${qualityRow('All texts', overall)}${balanced ? qualityRow('Each source weighing the same', balanced) : []}
</tbody></table>
<h2>Verdicts</h2>
<p>A verdict on ${share(overall.coverage)} of the texts, ${share(overall.right)} of these right. Of the verdicts on real texts ${share(overall.realCalledFake)} say Fake.</p>
<table><thead><tr><th>Truth</th><th>Fake</th><th>Real</th><th>Uncertain</th></tr></thead><tbody>
${(['fake', 'real'] as const).map(
  (truth) =>
    html`<tr><th scope="row">${truth}</th>${(['Fake', 'Real', 'Uncertain'] as const).map((verdict) => html`<td>${count(data.confusion[truth][verdict])}</td>`)}</tr>`,
)}
</tbody></table>
<p>${withheldText(data)}</p>
<div class="diagrams">${reliabilityDiagram(data)}${riskDiagram(data)}</div>
<h2>Sources</h2>${groupTable(data.sources)}
<h2>Lengths in tokens</h2>${groupTable(data.lengths)}
${probeSections(data)}<h2>Speed</h2>
<p>${number(data.speed.textsPerSecond)} texts a second, ${data.speed.concurrency} at a time; p50 ${number(data.latency.p50)} ms, p95 ${number(data.latency.p95)} ms, p99 ${number(data.latency.p99)} ms.</p>
</body>
</html>
`.text
}

function withheldText({ withheld }: EvalAnswer): string {
  const reasons = Object.entries(withheld).filter(([, n]) => n > 0)
  if (reasons.length === 0) return 'No verdict was withheld.'
  return `Withheld: ${reasons.map(([why, n]) => `${why.replace('_', ' ')} ${count(n)}`).join(', ')}.`
}

function qualityRow(
  name: string,
  { accuracy, macroF1, auroc, ece }: NonNullable<EvalAnswer['balanced']>,
): Html {
  return html`<tr><th scope="row">${name}</th><td>${figure(accuracy)}</td><td>${figure(macroF1)}</td><td>${auroc ? figure(auroc) : '–'}</td><td>${figure(ece)}</td></tr>`
}

function groupTable(groups: readonly Group[]): Html {
  return html`<table><thead><tr><th></th><th>Texts</th><th>Fake</th><th>Accuracy</th><th>Macro-F1</th><th>AUROC</th><th>ECE</th><th>Verdicts</th><th>Right</th></tr></thead><tbody>
${groups.map(
  (group) =>
    html`<tr><th scope="row">${group.name}</th><td>${count(group.n)}</td><td>${share(group.fakes)}</td><td>${figure(group.accuracy)}</td><td>${plain(group.macroF1.value)}</td><td>${group.auroc ? figure(group.auroc) : '–'}</td><td>${plain(group.ece.value)}</td><td>${share(group.coverage)}</td><td>${share(group.right)}</td></tr>`,
)}
</tbody></table>`
}

/** Bars as high as the answers were right; on the dashed line confidence is honest. */
function reliabilityDiagram({ reliability }: EvalAnswer): Html {
  const x = (confidence: number) => MARGIN + (confidence - 0.5) * 2 * SIZE
  const bars = reliability
    .filter(({ n }) => n > 0)
    .map(
      ({ from, to, accuracy, n }) =>
        html`<rect class="bar" x="${x(from) + 1}" y="${y(accuracy)}" width="${x(to) - x(from) - 2}" height="${accuracy * SIZE}"><title>${tally(n, 'text')}, ${share(accuracy)} right</title></rect>`,
    )
  return diagram(
    'Reliability: confidence against how often it was right',
    ['50 %', '100 %'],
    html`${bars}<line class="ideal" x1="${x(0.5)}" y1="${y(0.5)}" x2="${x(1)}" y2="${y(1)}"/>`,
  )
}

function riskDiagram({ riskCoverage, overall }: EvalAnswer): Html {
  const points = riskCoverage.points.map(({ coverage, risk }) => `${MARGIN + coverage * SIZE},${y(1 - risk)}`)
  return diagram(
    `Share right if only the surest are answered (dashed: all, ${share(overall.accuracy.value)}); area under the curve of risk ${plain(riskCoverage.area)}, 0 is perfect`,
    ['0 %', '100 % answered'],
    html`<polyline class="line" points="${points.join(' ')}"/><line class="ideal" x1="${MARGIN}" x2="${MARGIN + SIZE}" y1="${y(overall.accuracy.value)}" y2="${y(overall.accuracy.value)}"/>`,
  )
}

function diagram(caption: string, [left, right]: readonly [string, string], content: Html): Html {
  return html`<figure><figcaption>${caption}</figcaption><svg viewBox="0 0 ${SIZE + 2 * MARGIN} ${SIZE + MARGIN + 12}" role="img" aria-label="${caption}">
<rect class="frame" x="${MARGIN}" y="8" width="${SIZE}" height="${SIZE}"/>${content}
<text x="${MARGIN - 4}" y="16" text-anchor="end">100 %</text><text x="${MARGIN - 4}" y="${8 + SIZE}" text-anchor="end">0 %</text>
<text x="${MARGIN}" y="${SIZE + 24}">${left}</text><text x="${MARGIN + SIZE}" y="${SIZE + 24}" text-anchor="end">${right}</text>
</svg></figure>`
}

/** Where a share stands in a diagram. */
const y = (value: number): number => 8 + (1 - value) * SIZE

const share = (value: number | null): string =>
  value === null ? '–' : percent(Math.round(value * 1000) / 1000)

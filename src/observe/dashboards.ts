// The Grafana dashboards, built from the catalogue; run by `npm run generate`, which commits them under templates/grafana.

import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  type DataSourceRef,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { BACKEND_JOB, METRIC, PROCESS_METRIC } from '../service/metric-names.ts'
import { CATALOGUE, type PanelName } from './catalogue.ts'
import { type Scope, toPromql } from './expression.ts'
import { limitsOf, type Panel, type Threshold } from './panel.ts'
import { runbookOf } from './rules.ts'
import type { Unit } from './unit.ts'

/** Fixed, so that links to them stay good. */
export const DASHBOARD_UIDS = { overview: 'fnd-overview', model: 'fnd-model' } as const

/**
 * What every query selects. "All" of namespace and pod is `.*`, which also matches a series without that label, as they
 * are where the stack runs without Kubernetes.
 */
const SCOPE: Scope = {
  selector: 'job=~"$job",instance=~"$instance",namespace=~"$namespace",pod=~"$pod"',
  range: '$__rate_interval',
}

const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '$datasource' }
/** Grafana knows no unit of cores. */
const GRAFANA_UNIT: Record<Unit, string> = {
  s: 's',
  percentunit: 'percentunit',
  reqpm: 'reqpm',
  bytes: 'bytes',
  cores: 'short',
  short: 'short',
}

/** Place of a panel on Grafana's grid of 24 columns. */
type Place = [panel: PanelName, x: number, y: number, w: number, h: number]

interface Section {
  /** The first section has no heading: it must be seen without scrolling. */
  title?: string
  height: number
  places: readonly Place[]
}

const OVERVIEW: readonly Section[] = [
  {
    height: 9,
    places: [
      ['requestRate', 0, 0, 6, 9],
      ['errorRate', 6, 0, 6, 9],
      ['predictionLatency', 12, 0, 6, 6],
      ['predictionMean', 12, 6, 6, 3],
      ['cpu', 18, 0, 6, 5],
      ['memory', 18, 5, 6, 4],
    ],
  },
  {
    title: 'Where the time goes',
    height: 8,
    places: [
      ['predictionStages', 0, 0, 8, 8],
      ['predictionHeatmap', 8, 0, 8, 8],
      ['httpDuration', 16, 0, 8, 8],
    ],
  },
  {
    title: 'Saturation',
    height: 14,
    places: [
      ['queue', 0, 0, 8, 7],
      ['workersBusy', 8, 0, 8, 7],
      ['rejected', 16, 0, 8, 7],
      ['queueShare', 0, 7, 4, 7],
      ['memoryShare', 4, 7, 4, 7],
      ['eventLoop', 8, 7, 6, 7],
      ['gc', 14, 7, 5, 7],
      ['throttling', 19, 7, 5, 7],
    ],
  },
  {
    title: 'Traffic',
    height: 7,
    places: [
      ['requestsByRoute', 0, 0, 8, 7],
      ['errorsByRoute', 8, 0, 8, 7],
      ['callerErrorRate', 16, 0, 4, 7],
      ['budgetBurn', 20, 0, 4, 7],
    ],
  },
  {
    title: 'Plumbing',
    height: 5,
    places: [
      ['targetsUp', 0, 0, 6, 5],
      ['restarts', 6, 0, 6, 5],
      ['scrapeDuration', 12, 0, 4, 5],
      ['rules', 16, 0, 4, 5],
      ['ruleFailures', 20, 0, 4, 5],
    ],
  },
]

const MODEL: readonly Section[] = [
  {
    height: 17,
    places: [
      ['modelReady', 0, 0, 4, 5],
      ['modelVersion', 4, 0, 10, 5],
      ['predictionRate', 14, 0, 10, 5],
      ['verdictMix', 0, 5, 9, 6],
      ['uncertain', 9, 5, 6, 6],
      ['confidence', 15, 5, 9, 6],
      ['confidenceHeatmap', 0, 11, 12, 6],
      ['tokens', 12, 11, 6, 6],
      ['windows', 18, 11, 6, 6],
    ],
  },
  {
    title: 'Drift from the reference texts',
    height: 6,
    places: [
      ['verdictDrift', 0, 0, 12, 6],
      ['distributionDrift', 12, 0, 12, 6],
    ],
  },
  {
    title: 'Versions side by side',
    height: 6,
    places: [
      ['canaryShare', 0, 0, 6, 6],
      ['versionRate', 6, 0, 6, 6],
      ['versionLatency', 12, 0, 6, 6],
      ['shadowDisagreement', 18, 0, 6, 6],
    ],
  },
]

/** Every dashboard by its file name under templates/grafana/dashboards. */
export function dashboards(): Record<string, dashboard.Dashboard> {
  return {
    'overview.json': build(
      'Fake-news detector: overview',
      DASHBOARD_UIDS.overview,
      'Is the service running well? Requests, errors, latency of the prediction, CPU and memory.',
      OVERVIEW,
    ),
    'model.json': build(
      'Fake-news detector: model',
      DASHBOARD_UIDS.model,
      'What the model says: version, verdicts, confidence, length of the texts.',
      MODEL,
    ),
  }
}

function build(
  title: string,
  uid: string,
  description: string,
  sections: readonly Section[],
): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['fnd'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-30m', to: 'now' })
    .refresh('30s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables())
    .link(
      new dashboard.DashboardLinkBuilder('Dashboards of the stack')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['fnd'])
        .keepTime(true)
        .includeVars(true),
    )
    .annotations(annotations())
  let top = 0
  for (const section of sections) {
    if (section.title) {
      builder.withRow(new dashboard.RowBuilder(section.title).gridPos({ x: 0, y: top, w: 24, h: 1 }))
      top += 1
    }
    for (const [name, x, y, w, h] of section.places) {
      builder.withPanel(panelBuilder(CATALOGUE[name]).gridPos({ x, y: top + y, w, h }))
    }
    top += section.height
  }
  return builder.build()
}

function variables() {
  const label = (name: string, title: string, filter: string, all: string) =>
    new dashboard.QueryVariableBuilder(name)
      .label(title)
      .datasource(DATASOURCE)
      .query(`label_values(up{${filter}}, ${name})`)
      .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
      .sort(dashboard.VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .allValue(all)
      .current({ selected: true, text: 'All', value: '$__all' })
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    label('job', 'Job', `job="${BACKEND_JOB}"`, '.+').current({
      selected: true,
      text: BACKEND_JOB,
      value: BACKEND_JOB,
    }),
    label('namespace', 'Namespace', 'job=~"$job"', '.*'),
    label('pod', 'Pod', 'job=~"$job",namespace=~"$namespace"', '.*'),
    label('instance', 'Instance', 'job=~"$job",namespace=~"$namespace",pod=~"$pod"', '.+'),
  ]
}

function annotations() {
  const at = (metric: string) => `${metric}{${SCOPE.selector}}`
  const mark = (name: string, color: string, expr: string, text: string) =>
    new dashboard.AnnotationQueryBuilder()
      .name(name)
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor(color)
      .expr(expr)
      .step('60s')
      .titleFormat(name)
      .textFormat(text)
  return [
    mark(
      'Model changed',
      'purple',
      `count by (name, version) (${at(METRIC.modelInfo)}) unless count by (name, version) (${at(METRIC.modelInfo)} offset 1m)`,
      '{{name}} {{version}}',
    ),
    mark('Backend restarted', 'orange', `changes(${at(PROCESS_METRIC.startTime)}[1m]) > 0`, '{{instance}}'),
  ]
}

/** The builder of one catalogue entry, whatever its view. */
function panelBuilder(panel: Panel) {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(panel.queries.length > 1 || panel.queries[0].legend.includes('{{'))
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi)
  switch (panel.view) {
    case 'number':
      return described(new stat.PanelBuilder(), panel)
        .thresholds(thresholds(limitsOf(panel)))
        .graphMode(common.BigValueGraphMode.Area)
        .colorMode(common.BigValueColorMode.Value)
    case 'heatmap':
      return described(new heatmap.PanelBuilder(), panel)
        .calculate(false)
        .yAxis(new heatmap.YAxisConfigBuilder().unit(GRAFANA_UNIT[panel.unit]))
        .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Le))
        .color(
          new heatmap.HeatmapColorOptionsBuilder()
            .mode(heatmap.HeatmapColorMode.Scheme)
            .scheme('Oranges')
            .steps(64),
        )
    case 'table':
      return described(new table.PanelBuilder(), panel).withTransformation({
        id: 'organize',
        options: { excludeByName: { Time: true }, renameByName: { Value: 'instances' } },
      })
    case 'lines':
    case 'stacked': {
      const lines = described(new timeseries.PanelBuilder(), panel)
        .legend(legend)
        .tooltip(tooltip)
        .lineWidth(1)
        .fillOpacity(panel.view === 'stacked' ? 40 : 10)
        .gradientMode(GraphGradientMode.None)
        .showPoints(VisibilityMode.Never)
        .min(0)
        .thresholds(thresholds(limitsOf(panel)))
      if (panel.view === 'stacked')
        lines.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal))
      if (limitsOf(panel)) {
        lines.thresholdsStyle(
          new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
        )
      }
      return lines
    }
  }
}

interface Describable {
  title(title: string): this
  description(description: string): this
  unit(unit: string): this
  noValue(text: string): this
  datasource(datasource: DataSourceRef): this
  withTarget(target: prometheus.DataqueryBuilder): this
}

function described<B extends Describable>(builder: B, panel: Panel): B {
  builder
    .title(panel.unit === 'cores' ? `${panel.title} (cores)` : panel.title)
    .description(`${panel.description} When it is bad: ${runbookOf(panel.runbook)}`)
    .unit(GRAFANA_UNIT[panel.unit])
    .noValue('no data')
    .datasource(DATASOURCE)
  panel.queries.forEach((query, at) => {
    const target = new prometheus.DataqueryBuilder()
      .refId(String.fromCharCode(65 + at))
      .datasource(DATASOURCE)
      .expr(toPromql(query.expression, query.range ? { ...SCOPE, range: query.range } : SCOPE))
      .legendFormat(query.legend)
      .editorMode(prometheus.QueryEditorMode.Code)
      .exemplar(false)
    if (panel.view === 'heatmap') target.format(prometheus.PromQueryFormat.Heatmap)
    if (panel.view === 'table') target.format(prometheus.PromQueryFormat.Table).instant()
    else target.range()
    builder.withTarget(target)
  })
  return builder
}

function thresholds(threshold: Threshold | undefined): dashboard.ThresholdsConfigBuilder {
  const builder = new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute)
  if (!threshold) return builder.steps([{ value: null, color: 'green' }])
  const { when, warning, bad } = threshold
  if (when === 'above') {
    return builder.steps([
      { value: null, color: 'green' },
      { value: warning, color: 'yellow' },
      { value: bad, color: 'red' },
    ])
  }
  return builder.steps([
    { value: null, color: 'red' },
    ...(warning > bad ? [{ value: bad, color: 'yellow' }] : []),
    { value: warning, color: 'green' },
  ])
}
